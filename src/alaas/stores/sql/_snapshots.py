"""What may be handed out, as arrays; and who holds what."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from alaas.stores._words import Rule, Snapshot
from alaas.stores.sql import _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._projects import Held
from alaas.stores.sql._spelling import spelt
from alaas.stores.sql._tables import answers, items, picks
from alaas.stores.sql._tallies import SPENT
from alaas.types import Indices

_FREE = (
    "SELECT number, cost, labels, state = 'partial' FROM items "
    "WHERE project_id = {project} AND state IN ('pool', 'partial') AND role = 'pool'"
)
# PostgreSQL packs all rows into one value: a row at a time, its driver takes ten times as long.
_PACKED = (
    "SELECT string_agg("
    "int8send(number) || float8send(cost) || int2send(labels) || boolsend(begun), ''::bytea"
    f") FROM ({_FREE}) AS free (number, cost, labels, begun)"
)
_HELD = (
    "SELECT picks.number, picks.annotator = ?, items.state IN (?, ?, ?) FROM picks "
    "JOIN items ON items.project_id = picks.project_id AND items.number = picks.number "
    "WHERE picks.project_id = ? AND picks.state = 'open' AND picks.until > ?"
)
_PACKED_HOLDS = (
    "SELECT string_agg(int8send(picks.number) || boolsend(picks.annotator = %s) "
    "|| boolsend(items.state = ANY(%s)), ''::bytea) FROM picks "
    "JOIN items ON items.project_id = picks.project_id AND items.number = picks.number "
    "WHERE picks.project_id = %s AND picks.state = 'open' AND picks.until > %s"
)
_ROW = np.dtype([("number", ">i8"), ("cost", ">f8"), ("labels", ">i2"), ("begun", "?")])
_HOLD_ROW = np.dtype([("number", ">i8"), ("mine", "?"), ("spent", "?")])
_HOLD_COLUMNS = np.dtype([("number", np.int64), ("mine", np.bool_), ("spent", np.bool_)])
_COLUMNS = np.dtype([("number", np.int64), ("cost", np.float64), ("labels", np.int16), ("begun", np.bool_)])


def take(database: Database, project: str, annotator: str, *, rule: Rule) -> Snapshot:
    """See ``Store.snapshot``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        numbers, costs, labels, begun = _free(connection, held)
        holds = _holds(connection, held, annotator)
        mine = np.array(_answered(connection, held, annotator), np.int64)
    wanted = np.full(len(numbers), rule.annotators, np.int64) - labels
    touched = np.zeros(len(numbers), np.bool_)
    np.subtract.at(wanted, _places(numbers, holds["number"]), 1)
    touched[_places(numbers, mine)] = True
    touched[_places(numbers, holds["number"][holds["mine"]])] = True
    return Snapshot(
        numbers=numbers,
        costs=costs,
        wanted=np.maximum(wanted, 0).astype(np.int16),
        touched=touched,
        begun=begun,
        spent=held.tallies.spent + len(np.unique(holds["number"][~holds["spent"]])),
        batches=held.batches,
    )


def _holds(connection: Connection, held: Held, annotator: str) -> NDArray[Any]:
    """Picks under a live lease: the item's number, whether the annotator holds it, whether it is spent."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with driver.cursor(binary=True) as cursor:
            packed = cursor.execute(
                _PACKED_HOLDS, (spelt(annotator), list(SPENT), held.id, held.now)
            ).fetchone()[0]
        rows = np.frombuffer(packed or b"", _HOLD_ROW)
        return rows.astype(_HOLD_COLUMNS)
    given = (spelt(annotator), *sorted(SPENT), held.id, held.now)
    return np.fromiter(driver.execute(_HELD, given), _HOLD_COLUMNS)


def spent(connection: Connection, held: Held) -> int:
    """How many items count against the budget."""
    statement = (
        select(func.count(picks.c.number.distinct()))
        .join(items, (items.c.project_id == picks.c.project_id) & (items.c.number == picks.c.number))
        .where(picks.c.project_id == held.id, picks.c.state == "open", picks.c.until > held.now)
        .where(items.c.state.not_in(SPENT))
    )
    return held.tallies.spent + int(connection.execute(statement).scalar_one())


def _places(numbers: Indices, wanted: Indices) -> Indices:
    """Where those ``wanted`` that are among ``numbers``, which ascend, stand."""
    places = np.searchsorted(numbers, wanted)
    inside = places < len(numbers)
    inside[inside] = numbers[places[inside]] == wanted[inside]
    return places[inside]


def _answered(connection: Connection, held: Held, annotator: str) -> list[int]:
    """The numbers of the items that the annotator has answered, as far as they may still want answers."""
    if not held.tallies.states["partial"]:
        return []
    statement = select(answers.c.number).where(
        answers.c.project_id == held.id,
        answers.c.annotator == annotator,
        answers.c.current,
        answers.c.kind != "defer",
    )
    return list(connection.scalars(statement))


def _free(connection: Connection, held: Held) -> tuple[Indices, Any, Any, Any]:
    """Number, cost, labels and whether begun of each item that may still want answers, by number."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with driver.cursor(binary=True) as cursor:
            packed = cursor.execute(_PACKED.format(project=int(held.id))).fetchone()[0]
        rows = np.frombuffer(packed or b"", _ROW)
    else:
        rows = np.fromiter(driver.execute(_FREE.format(project=int(held.id))), _COLUMNS)
    rows = rows[np.argsort(rows["number"], kind="stable")]
    return (
        rows["number"].astype(np.int64),
        rows["cost"].astype(np.float64),
        rows["labels"].astype(np.int64),
        rows["begun"].astype(np.bool_),
    )
