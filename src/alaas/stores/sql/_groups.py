"""Changes of one thing: one call at a time, and one commit for all that wait at that moment.

The thing is a SQLite file, which takes one writer at a time, or a project in PostgreSQL, whose row is locked
by whoever changes it. A commit waits for the disk, some milliseconds each time. So a call that has done its
part while another waits hands it the open transaction instead of committing; the last of the group commits
for all, and only then do they return. From the second on each call is a savepoint of its own: one that fails
undoes nothing of the others.
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

    def __init__(self, connection: Connection, transaction: RootTransaction) -> None:
        self.connection = connection
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
            with self._part(group):
                yield group.connection
                crash_point(f"{name}.before-commit")
        finally:
            self._pass_on(alone=alone)
        group.done.wait()
        if group.failure is not None:
            raise group.failure
        crash_point(f"{name}.after-commit")

    def _begin(self) -> _Group:
        if self._group is None:
            connection = self._engine.connect()
            try:
                connection = connection.execution_options(writes=True)
                self._group = _Group(connection, connection.begin())
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
        return self._group

    @contextmanager
    def _part(self, group: _Group) -> Iterator[None]:
        first, connection = not group.members, group.connection
        if not first:
            # Nobody releases it, which would be one more message: the last of that name counts.
            connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if not first:
                self._undo(group)
            raise
        group.members += 1

    def _undo(self, group: _Group) -> None:
        """Undo a call's part."""
        try:
            group.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
        except Exception as error:  # noqa: BLE001  # the whole transaction is gone, as on a full disk
            failure = StoreError(
                f"{self._name} cannot be used: a call that shared this one's commit undid both; try again"
            )
            failure.__cause__ = error
            self._end(group, failure)

    def _pass_on(self, *, alone: bool = False) -> None:
        """Hand the open transaction to the next call, or commit it."""
        group = self._group
        # A transaction whose first call failed holds the remains of that call, and is not handed on.
        if group is not None and not alone and 0 < group.members < self._most:
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
            self._end(group, error)
        else:
            self._end(group, None)

    def _end(self, group: _Group, failure: Exception | None) -> None:
        """Let all calls of the group return; after a failure nothing of it is left."""
        self._group = None
        try:
            if failure is not None:
                group.connection.invalidate()
            group.connection.close()
        finally:
            group.failure = failure
            group.done.set()
