"""The store: each method is one transaction of the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import ClassVar, Self

from sqlalchemy import insert, text

from alaas.errors import BatchNotFoundError
from alaas.stores._base import Store
from alaas.stores._jobs import JobTable
from alaas.stores._keys import KeyTable
from alaas.stores._streams import StreamTable
from alaas.stores._words import (
    Added,
    AnswerRow,
    BatchRow,
    Counts,
    Decided,
    Finding,
    ItemRole,
    ItemRow,
    ItemState,
    LogEntry,
    NewAnswer,
    NewBatch,
    NewItem,
    NewRound,
    ProjectRow,
    Receipt,
    RoundRow,
    Rule,
    Snapshot,
)
from alaas.stores.sql import (
    _answers,
    _batches,
    _findings,
    _items,
    _log,
    _projects,
    _rounds,
    _snapshots,
    _telling,
)
from alaas.stores.sql._connect import connect
from alaas.stores.sql._database import Database
from alaas.stores.sql._tables import log

_LONG = 200
"""Items, findings or answers from which on a call is a long one, that no other shall wait for."""


class Sql(Store):
    """Keeps projects in SQLite or PostgreSQL.

    Args:
        database: an open database, which is closed with the store.
    """

    schemes: ClassVar[tuple[str, ...]] = ("sqlite", "postgresql", "postgresql+psycopg")

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def from_url(cls, url: str, *, clock: Callable[[], float] | None = None) -> Self:
        """Open a database and bring its tables up to date.

        ``sqlite:///PATH``, ``sqlite:////ABSOLUTE/PATH``, ``sqlite://`` (in the memory of this process) or
        ``postgresql://USER:PASSWORD@HOST/DATABASE``.

        ``clock`` gives the time instead of the database's clock.
        """
        return cls(connect(url, clock=clock))

    @property
    def shared(self) -> bool:
        """Whether other processes can use it too: all but SQLite in memory."""
        return self._database.shared

    @property
    def database(self) -> Database:
        """Where the tables are, for other rooms' tables."""
        return self._database

    def now(self) -> float:
        return self._database.now()

    @cached_property
    def jobs(self) -> JobTable:
        from alaas.stores.sql._jobs import SqlJobTable

        return SqlJobTable(self._database)

    @cached_property
    def keys(self) -> KeyTable:
        from alaas.stores.sql._keys import SqlKeyTable

        return SqlKeyTable(self._database)

    @cached_property
    def streams(self) -> StreamTable:
        from alaas.stores.sql._streams import SqlStreamTable

        return SqlStreamTable(self._database)

    def create_project(self, name: str, definition: str, *, actor: str, key: str | None = None) -> ProjectRow:
        return self._database.change(
            "create-project", lambda c: _projects.create(self._database, c, name, definition, actor, key)
        )

    def project(self, name: str) -> ProjectRow:
        return _projects.read(self._database, name)

    def projects(self, *, after: str = "", limit: int = 100) -> list[ProjectRow]:
        return _projects.listed(self._database, after=after, limit=limit)

    def change_project(self, name: str, definition: str, *, version: int, actor: str) -> ProjectRow:
        return self._database.change(
            "change-project",
            lambda c: _projects.change(self._database, c, name, definition, version, actor),
        )

    def delete_project(self, name: str, *, actor: str) -> None:
        self._database.change(
            "delete-project", lambda c: _projects.remove(self._database, c, name, actor), long=True
        )

    def add_items(self, project: str, items: Sequence[NewItem], *, actor: str) -> Added:
        return self._database.change(
            "add-items",
            lambda c: _items.add(self._database, c, project, items, actor),
            project=project,
            long=len(items) > _LONG,
        )

    def items(
        self,
        project: str,
        *,
        after: int = -1,
        limit: int = 1000,
        states: Collection[ItemState] | None = None,
        ids: Sequence[str] | None = None,
        numbers: Sequence[int] | None = None,
        role: ItemRole | None = None,
    ) -> list[ItemRow]:
        return _items.find(
            self._database,
            project,
            after=after,
            limit=limit,
            states=states,
            ids=ids,
            numbers=numbers,
            role=role,
        )

    def settle(self, project: str, findings: Sequence[Finding]) -> None:
        self._database.change(
            "settle",
            lambda c: _findings.settle(self._database, c, project, findings),
            project=project,
            long=len(findings) > _LONG,
        )

    def snapshot(self, project: str, annotator: str, *, rule: Rule) -> Snapshot:
        return _snapshots.take(self._database, project, annotator, rule=rule)

    def hand_out(self, project: str, batch: NewBatch, *, rule: Rule, budget: int | None) -> BatchRow:
        return self._database.change(
            "hand-out",
            lambda c: _batches.hand_out(self._database, c, project, batch, rule, budget),
            project=project,
            long=len(batch.numbers) > _LONG,
        )

    def batch(self, project: str, batch_id: str) -> BatchRow:
        return _batches.read(self._database, project, batch_id)

    def candidates(self, project: str, batch_id: str) -> bytes:
        return _batches.candidates(self._database, project, batch_id)

    def batches(
        self, project: str, *, after: int = -1, limit: int = 100, annotator: str | None = None
    ) -> list[BatchRow]:
        return _batches.listed(self._database, project, after=after, limit=limit, annotator=annotator)

    def extend(
        self, project: str, batch_id: str, lease: float, *, rule: Rule, budget: int | None, actor: str
    ) -> BatchRow:
        return self._database.change(
            "extend",
            lambda c: _batches.extend(
                self._database, c, project, batch_id, lease=lease, rule=rule, budget=budget, actor=actor
            ),
            project=project,
        )

    def release(
        self, project: str, batch_id: str, items: Sequence[str] | None = None, *, actor: str
    ) -> BatchRow:
        return self._database.change(
            "release",
            lambda c: _batches.release(self._database, c, project, batch_id, items, actor),
            project=project,
        )

    def tell(self, project: str, answers: Sequence[NewAnswer], *, rule: Rule) -> list[Receipt]:
        outcome = self.tell_all(project, [answers], rule=rule)[0]
        if isinstance(outcome, BatchNotFoundError):
            raise outcome
        return outcome

    def tell_all(
        self, project: str, calls: Sequence[Sequence[NewAnswer]], *, rule: Rule
    ) -> list[list[Receipt] | BatchNotFoundError]:
        return self._database.change(
            "tell",
            lambda c: _telling.tell(self._database, c, project, calls, rule),
            project=project,
            long=sum(len(call) for call in calls) > _LONG,
        )

    def answers(
        self, project: str, *, after: int = 0, limit: int = 1000, items: Sequence[str] | None = None
    ) -> list[AnswerRow]:
        return _answers.listed(self._database, project, after=after, limit=limit, names=items)

    def decided(self, project: str, *, role: ItemRole = "pool") -> list[Decided]:
        return _answers.decided(self._database, project, role=role)

    def counts(self, project: str, *, holds: bool = True) -> Counts:
        return _answers.counts(self._database, project, holds=holds)

    def add_round(self, project: str, new: NewRound, *, actor: str) -> RoundRow:
        return self._database.change(
            "add-round",
            lambda c: _rounds.add(self._database, c, project, new, actor),
            project=project,
            long=True,
        )

    def rounds(self, project: str, *, after: int = 0, limit: int = 1000) -> list[RoundRow]:
        return _rounds.listed(self._database, project, after=after, limit=limit)

    def last_round(self, project: str, *, fitted: bool = False) -> RoundRow | None:
        return _rounds.last(self._database, project, fitted=fitted)

    def model(self, project: str, number: int) -> bytes:
        return _rounds.model(self._database, project, number)

    def log(self, project: str | None = None, *, after: int = 0, limit: int = 1000) -> list[LogEntry]:
        return _log.read(self._database, project, after=after, limit=limit)

    def note(self, *, project: str | None, actor: str, verb: str, subject: str, detail: str = "{}") -> None:
        with self._database.write("note") as connection:
            _log.write(
                connection,
                at=self._database.now(connection),
                project=project,
                actor=actor,
                verb=verb,
                subject=subject,
                detail=detail,
            )

    def check(self) -> None:
        with self._database.write("check") as connection:
            connection.execute(text("SELECT count(*) FROM projects WHERE id < 0"))
            part = connection.begin_nested()
            connection.execute(
                insert(log), {"at": 0, "actor": "", "verb": "check", "subject": "", "detail": "{}"}
            )
            part.rollback()

    def close(self) -> None:
        self._database.close()
