"""Batches: handing out, extending, giving back."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from alaas.errors import BatchNotFoundError, BudgetSpentError
from alaas.stores._words import BatchRow, NewBatch, Pick, PickState, Rule
from alaas.stores.sql import _log, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._free import Free
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._snapshots import spent
from alaas.stores.sql._tables import batches, items, picks


def hand_out(
    database: Database, connection: Connection, project: str, new: NewBatch, rule: Rule, budget: int | None
) -> BatchRow:
    """See ``Store.hand_out``."""
    held = _projects.hold(database, connection, project)
    known = _rows(connection, held, batches.c.id == new.id)
    if known:
        return known[0]
    free = Free.of(connection, held, new.annotator, new.numbers, rule)
    picked = free.all(new.numbers)
    more = sum(not free.spent(number) for number in picked)
    _check_budget(connection, held, more, budget)
    until, ordinal = held.now + new.lease, held.batches
    scores = [None if score is None else float(score) for score in new.scores]
    rows = [
        {
            "project_id": held.id,
            "ordinal": ordinal,
            "rank": rank,
            "number": number,
            "annotator": new.annotator,
            "score": score,
            "state": "open",
            "until": until,
        }
        for rank, (number, score) in enumerate(zip(picked, scores, strict=True))
    ]
    held.batches += 1
    batch = {
        "project_id": held.id,
        "ordinal": ordinal,
        "id": new.id,
        "annotator": new.annotator,
        "created": held.now,
        "until": until,
        "provenance": new.provenance,
        "candidates": new.candidates,
    }
    with database.together(connection):
        connection.execute(insert(batches), batch)
        if rows:
            connection.execute(insert(picks), rows)
        _projects.keep(connection, held)
        _log.line(connection, held.now, project, new.annotator, "batch.hand-out", new.id, items=len(rows))
    return BatchRow(
        id=new.id,
        ordinal=ordinal,
        annotator=new.annotator,
        created=held.now,
        until=until,
        provenance=new.provenance,
        picks=tuple(
            Pick(number=number, item=free.name(number), score=score, state="open")
            for number, score in zip(picked, scores, strict=True)
        ),
    )


def _check_budget(connection: Connection, held: Held, more: int, budget: int | None) -> None:
    if budget is None or not more:
        return
    already = spent(connection, held)
    if already + more > budget:
        raise BudgetSpentError(
            f"the batch has {more} new items, but {already} of the project's budget of {budget} are labelled "
            "or handed out; ask for fewer, wait until leases end, or raise the budget"
        )


def extend(
    database: Database,
    connection: Connection,
    project: str,
    batch_id: str,
    *,
    lease: float,
    rule: Rule,
    budget: int | None,
    actor: str,
) -> BatchRow:
    """See ``Store.extend``."""
    held = _projects.hold(database, connection, project)
    batch = _one(connection, held, batch_id)
    expired = [pick.number for pick in batch.picks if pick.state == "expired"]
    again = _again(connection, held, batch, expired, rule, budget) if expired else set()
    until = held.now + lease
    states: list[PickState] = ["open" if pick.number in again else pick.state for pick in batch.picks]
    with database.together(connection):
        _set_states(connection, held, batch.ordinal, "open", "expired", set(expired) - again)
        _set_states(connection, held, batch.ordinal, "expired", "open", again)
        connection.execute(_its(update(picks), picks, held, batch.ordinal), {"until": until})
        connection.execute(_its(update(batches), batches, held, batch.ordinal), {"until": until})
        count = states.count("open")
        _log.line(connection, held.now, project, actor, "batch.extend", batch_id, items=count, until=until)
    return _with(batch, states, until)


def _again(
    connection: Connection,
    held: Held,
    batch: BatchRow,
    expired: Sequence[int],
    rule: Rule,
    budget: int | None,
) -> set[int]:
    """Which of the expired picks are held again."""
    free = Free.of(connection, held, batch.annotator, expired, rule)
    room = None if budget is None else budget - spent(connection, held)
    again: set[int] = set()
    for number in expired:
        more = not free.spent(number)
        if free.is_free(number) and (room is None or not more or room > 0):
            room = None if room is None else room - more
            again.add(number)
    return again


def release(
    database: Database,
    connection: Connection,
    project: str,
    batch_id: str,
    names: Sequence[str] | None,
    actor: str,
) -> BatchRow:
    """See ``Store.release``."""
    held = _projects.hold(database, connection, project)
    batch = _one(connection, held, batch_id)
    wanted = None if names is None else set(names)
    given = {p.number for p in batch.picks if p.state == "open" and (wanted is None or p.item in wanted)}
    if not given:
        return batch
    with database.together(connection):
        _set_states(connection, held, batch.ordinal, "open", "released", given)
        _log.line(connection, held.now, project, actor, "batch.release", batch_id, items=len(given))
    return _with(batch, ["released" if p.number in given else p.state for p in batch.picks], batch.until)


def _set_states(
    connection: Connection, held: Held, ordinal: int, before: str, after: str, numbers: Collection[int]
) -> None:
    if numbers:
        statement = _its(update(picks), picks, held, ordinal)
        which = (picks.c.state == before, among(connection, picks.c.number, numbers))
        connection.execute(statement.where(*which), {"state": after})


def _its(statement: Any, table: Any, held: Held, ordinal: int) -> Any:
    return statement.where(table.c.project_id == held.id, table.c.ordinal == ordinal)


def _with(batch: BatchRow, states: Sequence[PickState], until: float) -> BatchRow:
    """The batch with its picks in other states."""
    changed = (
        Pick(number=pick.number, item=pick.item, score=pick.score, state=state)
        for pick, state in zip(batch.picks, states, strict=True)
    )
    return BatchRow(
        id=batch.id,
        ordinal=batch.ordinal,
        annotator=batch.annotator,
        created=batch.created,
        until=until,
        provenance=batch.provenance,
        picks=tuple(changed),
    )


def read(database: Database, project: str, batch_id: str) -> BatchRow:
    """See ``Store.batch``."""
    with database.read() as connection:
        return _one(connection, _projects.find(database, connection, project), batch_id)


def candidates(database: Database, project: str, batch_id: str) -> bytes:
    """See ``Store.candidates``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        statement = select(batches.c.candidates).where(
            batches.c.project_id == held.id, batches.c.id == batch_id
        )
        found = connection.execute(statement).scalar_one_or_none()
    if found is None:
        raise _missing(project, batch_id)
    return bytes(found)


def listed(
    database: Database, project: str, *, after: int, limit: int, annotator: str | None
) -> list[BatchRow]:
    """See ``Store.batches``."""
    conditions = [batches.c.ordinal > after]
    if annotator is not None:
        conditions.append(batches.c.annotator == annotator)
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        return _rows(connection, held, *conditions, limit=max(limit, 0))


def _one(connection: Connection, held: Held, batch_id: str) -> BatchRow:
    with contextlib.suppress(IndexError):
        return _rows(connection, held, batches.c.id == batch_id)[0]
    raise _missing(held.name, batch_id)


def _missing(project: str, batch_id: str) -> BatchNotFoundError:
    return BatchNotFoundError(f"project {project!r} has no batch {batch_id!r}")


_COLUMNS = (
    batches.c.id,
    batches.c.ordinal,
    batches.c.annotator,
    batches.c.created,
    batches.c.until,
    batches.c.provenance,
)


def _rows(connection: Connection, held: Held, *conditions: Any, limit: int | None = None) -> list[BatchRow]:
    """Batches with their picks as they are now."""
    statement: Select[Any] = select(*_COLUMNS).where(batches.c.project_id == held.id, *conditions)
    found = connection.execute(statement.order_by(batches.c.ordinal).limit(limit)).mappings().all()
    if not found:
        return []
    its: dict[int, list[Pick]] = {row["ordinal"]: [] for row in found}
    for row in connection.execute(_picks(connection, held, its)):
        expired = row.state == "open" and row.until <= held.now
        state: PickState = "expired" if expired else row.state
        its[row.ordinal].append(Pick(number=row.number, item=row.id, score=row.score, state=state))
    return [BatchRow(**row, picks=tuple(its[row["ordinal"]])) for row in found]


def _picks(connection: Connection, held: Held, ordinals: Collection[int]) -> Any:
    columns = (picks.c.ordinal, picks.c.number, items.c.id, picks.c.score, picks.c.state, picks.c.until)
    same = (items.c.project_id == picks.c.project_id) & (items.c.number == picks.c.number)
    return (
        select(*columns)
        .join(items, same)
        .where(picks.c.project_id == held.id, among(connection, picks.c.ordinal, ordinals))
        .order_by(picks.c.ordinal, picks.c.rank)
    )
