"""The store in memory: the contract."""

from __future__ import annotations

from collections.abc import Callable

from alaas.stores import Store
from alaas.stores.memory import Memory
from alaas.testing.stores import StoreSuite


class TestMemory(StoreSuite):
    def make(self, clock: Callable[[], float]) -> Store:
        return Memory(clock=clock)
