"""Writing to SQLite: one call at a time, and one commit for all that wait at that moment.

A commit waits for the disk, some milliseconds each time. So a call that has done its part while another waits
hands it the open transaction instead of committing; the last of the group commits for all, and only then do
they return. Each call is a savepoint of its own: one that fails undoes nothing of the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, RootTransaction

from alaas.crashing import crash_point
from alaas.errors import StoreError
from alaas.stores.sql._turns import Turns

_PATIENCE = 60.0
_AGE = 0.05


class _Group:
    """Calls that share a commit."""

    def __init__(self, transaction: RootTransaction) -> None:
        self.transaction = transaction
        self.members = 0
        self.began = time.monotonic()
        self.done = threading.Event()
        self.failure: Exception | None = None


class Groups:
    """Transactions of one process, in the order in which they were asked for.

    Args:
        engine: where they happen.
        name: what to call the database in messages.
        most: how many calls share a commit.
    """

    def __init__(self, engine: Engine, name: str, *, most: int) -> None:
        self._engine, self._name, self._most = engine, name, most
        self._turns = Turns()
        self._connection: Connection | None = None
        self._group: _Group | None = None

    @contextmanager
    def transaction(self, name: str, *, alone: bool) -> Iterator[Connection]:
        """A call's part of a transaction, on the disk when the block has ended.

        Raises:
            StoreError: it took too long to get a turn, or another call's failure undid this one.
        """
        if not self._turns.acquire(_PATIENCE, abandon=self._pass_on):
            raise StoreError(f"{self._name} cannot be used: other calls kept it busy; try again")
        group: _Group | None = None
        try:
            if alone:
                self._commit()
            group = self._begin()
            with self._part(group) as connection:
                yield connection
                crash_point(f"{name}.before-commit")
        finally:
            self._pass_on(alone=alone)
        group.done.wait()
        if group.failure is not None:
            raise group.failure
        crash_point(f"{name}.after-commit")

    def close(self) -> None:
        """Close the connection."""
        if self._turns.acquire(_PATIENCE, abandon=self._pass_on):
            try:
                self._drop()
            finally:
                self._turns.release()

    def afresh(self) -> Groups:
        """The like of it for a process that was forked off."""
        return Groups(self._engine, self._name, most=self._most)

    def _begin(self) -> _Group:
        if self._group is None:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(writes=True)
            try:
                self._group = _Group(self._connection.begin())
            except BaseException:
                self._drop()
                raise
        return self._group

    @contextmanager
    def _part(self, group: _Group) -> Iterator[Connection]:
        connection = self._connection
        assert connection is not None
        connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield connection
            connection.exec_driver_sql("RELEASE part")
        except BaseException:
            try:
                connection.exec_driver_sql("ROLLBACK TO part")
                connection.exec_driver_sql("RELEASE part")
            except Exception as error:  # noqa: BLE001  # the whole transaction is gone, as on a full disk
                self._fail(group, error)
            raise
        group.members += 1

    def _pass_on(self, *, alone: bool = False) -> None:
        """Hand the open transaction to the next call, or commit it."""
        group = self._group
        if group is not None and not alone and group.members < self._most:
            young = time.monotonic() - group.began < _AGE
            if young and self._turns.hand_over():
                return
        self._commit()
        self._turns.release()

    def _commit(self) -> None:
        group = self._group
        if group is None:
            return
        try:
            if group.members:
                group.transaction.commit()
            else:
                group.transaction.rollback()
        except Exception as error:  # noqa: BLE001  # it is raised in every call of the group
            self._fail(group, error)
        else:
            self._group = None
            group.done.set()

    def _fail(self, group: _Group, error: Exception) -> None:
        self._drop()
        group.failure = error
        self._group = None
        group.done.set()

    def _drop(self) -> None:
        """Let go of the connection, which undoes what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
