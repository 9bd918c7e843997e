"""Keys in memory, and a clock that a test turns."""

from __future__ import annotations

import pytest

from alaas.stores._memory_keys import MemoryKeyTable


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class CountedTable(MemoryKeyTable):
    """Counts what is asked of it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, lambda actor, verb, subject: None)
        self.gets = self.touches = self.evers = 0

    def get(self, key_id):
        self.gets += 1
        return super().get(key_id)

    def touch(self, key_id):
        self.touches += 1
        super().touch(key_id)

    def ever(self):
        self.evers += 1
        return super().ever()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(clock: Clock) -> CountedTable:
    return CountedTable(clock)
