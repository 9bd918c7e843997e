"""Answers: the history, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from alaas.stores._words import AnswerRow, Counts, Decided, ItemRole
from alaas.stores.sql import _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import answers, items, picks
from alaas.stores.sql._values import to_value


def listed(
    database: Database, project: str, *, after: int, limit: int, names: Sequence[str] | None
) -> list[AnswerRow]:
    """See ``Store.answers``."""
    columns: tuple[Any, ...] = tuple(
        answers.c[name]
        for name in ("sequence", "number", "annotator", "kind", "value", "reason", "batch", "at")
    )
    same = (items.c.project_id == answers.c.project_id) & (items.c.number == answers.c.number)
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        statement = (
            select(*columns, answers.c.final, items.c.id.label("item"))
            .join(items, same)
            .where(answers.c.project_id == held.id, answers.c.sequence > after)
            .order_by(answers.c.sequence)
            .limit(max(limit, 0))
        )
        if names is not None:
            statement = statement.where(among(connection, items.c.id, names))
        rows = connection.execute(statement).mappings()
        return [AnswerRow(**{**row, "value": to_value(row["value"])}) for row in rows]


def decided(database: Database, project: str, *, role: ItemRole) -> list[Decided]:
    """See ``Store.decided``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        statement = (
            select(items.c.number, items.c.label)
            .where(
                items.c.project_id == held.id,
                items.c.state == "labelled",
                items.c.role == role,
                items.c.label.is_not(None),
            )
            .order_by(items.c.number)
        )
        found = []
        for number, label in connection.execute(statement):
            value = to_value(label)
            if value is not None:
                found.append(Decided(number=number, value=value))
        return found


def counts(database: Database, project: str, *, holds: bool) -> Counts:
    """See ``Store.counts``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        holding = _holding(connection, held) if holds else 0
    return Counts(
        states=dict(held.tallies.states),
        validation=held.tallies.validation,
        held=holding,
        batches=held.batches,
        sequence=held.answers,
        cost=float(held.tallies.cost),
        items=held.items,
    )


def _holding(connection: Connection, held: Held) -> int:
    """How many items are held under a live lease."""
    statement = select(func.count(picks.c.number.distinct())).where(
        picks.c.project_id == held.id, picks.c.state == "open", picks.c.until > held.now
    )
    return int(connection.execute(statement).scalar_one())
