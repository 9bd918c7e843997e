"""What both databases have in common: transactions, a clock, and errors that say what to do."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection

from alaas.stores.sql._failures import RepeatableError

T = TypeVar("T")
_TURNS = 5


class Database(ABC):
    """A database with the store's tables.

    Args:
        name: what to call it in messages, without a password.
        clock: gives the time instead of the database's own clock; for tests.
    """

    dialect: str
    """``sqlite`` or ``postgresql``."""

    shared: bool
    """Whether other processes can use it too."""

    def __init__(self, name: str, clock: Callable[[], float] | None) -> None:
        self.name = name
        self._clock = clock
        self._latest = float("-inf")
        self._guard = threading.Lock()

    @abstractmethod
    def write(
        self, name: str, *, long: bool = False, project: str | None = None
    ) -> AbstractContextManager[Connection]:
        """A transaction that changes something; when the block has ended, it is on the disk.

        ``name`` is the call's, for its crash points ``<name>.before-commit`` and ``<name>.after-commit``. A
        ``long`` one takes more than some milliseconds, and keeps no other call's commit waiting. Calls that
        change nothing but ``project`` may share a commit.

        Raises:
            StoreError: the database cannot be reached or written; nothing has changed, unless the connection
                broke in the very moment of the commit.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that changes nothing, and sees one state of the database throughout.

        Raises:
            StoreError: the database cannot be reached or read.
        """

    @abstractmethod
    def together(self, connection: Connection) -> AbstractContextManager[None]:
        """Statements whose results nobody looks at, in one message to the database."""

    def change(
        self, name: str, work: Callable[[Connection], T], *, long: bool = False, project: str | None = None
    ) -> T:
        """Do ``work`` in a transaction of ``write``, again if the database undid it in favour of another."""
        for _ in range(_TURNS - 1):
            try:
                with self.write(name, long=long, project=project) as connection:
                    return work(connection)
            except RepeatableError:
                continue
        with self.write(name, long=long, project=project) as connection:
            return work(connection)

    def now(self, connection: Connection | None = None) -> float:
        """The time in seconds since 1970, which never goes back within a process."""
        if self._clock is not None:
            return self.seen(self._clock())
        if connection is not None:
            return self.seen(self._time(connection))
        with self.read() as own:
            return self.seen(self._time(own))

    def seen(self, time: float) -> float:
        """The time, given that the database's clock shows ``time``."""
        if self._clock is not None:
            time = self._clock()
        with self._guard:
            self._latest = max(self._latest, time)
            return self._latest

    def clock(self, connection: Connection) -> float:
        """What the clock shows, which may have been set back."""
        return self._time(connection) if self._clock is None else self._clock()

    @abstractmethod
    def _time(self, connection: Connection) -> float:
        """What the database's clock shows."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all connections."""
