"""Answers come in: what they change is worked out in memory and written at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from alaas.errors import BatchNotFoundError
from alaas.stores._verdict import Vote, verdict
from alaas.stores._words import (
    AnswerKind,
    ItemRole,
    ItemState,
    NewAnswer,
    Outcome,
    Receipt,
    Rule,
    Value,
)
from alaas.stores.sql import _log, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._many import among, listed
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import batches
from alaas.stores.sql._telling_queries import current_answers, items_with_picks
from alaas.stores.sql._telling_writes import write
from alaas.stores.sql._values import to_value


@dataclass(kw_only=True, slots=True)
class Current:
    """An annotator's current answer; ``new`` in this call."""

    sequence: int
    kind: AnswerKind
    value: Value | None
    reason: str | None
    final: bool
    new: NewAnswer | None = None

    def says(self, answer: NewAnswer) -> bool:
        """Whether ``answer`` says the same."""
        said = (self.kind, self.value, self.reason, self.final)
        return said == (answer.kind, answer.value, answer.reason, answer.final)


@dataclass(kw_only=True, slots=True)
class ItsPick:
    """A pick of an item, and the state that it had."""

    ordinal: int
    rank: int
    batch: str
    annotator: str
    state: str
    before: str


@dataclass(kw_only=True, slots=True)
class Told:
    """An item that answers are about. ``current``: the answers of each annotator, oldest first."""

    number: int
    role: ItemRole
    state: ItemState
    cost: float
    labels: int
    bare: bool
    current: dict[str, Current] = field(default_factory=dict)
    replaced: list[Current] = field(default_factory=list)
    picks: list[ItsPick] = field(default_factory=list)
    label: Value | None = None
    before: ItemState = "new"
    judged: bool = False
    """Whether state and label were worked out anew, which empties the reason unless the state stayed."""


def tell(
    database: Database,
    connection: Connection,
    project: str,
    calls: Sequence[Sequence[NewAnswer]],
    rule: Rule,
) -> list[list[Receipt] | BatchNotFoundError]:
    """See ``Store.tell_all``; a line of the log for each call."""
    held = _projects.hold(database, connection, project)
    told = _load(connection, held, {answer.item for call in calls for answer in call})
    missing = _missing_batches(connection, held, calls, told.values())
    outcomes: list[list[Receipt] | BatchNotFoundError] = []
    for call in calls:
        unknown = sorted({answer.batch for answer in call if answer.batch in missing} - {None})
        if unknown:
            outcomes.append(BatchNotFoundError(f"project {held.name!r} has no batch {unknown[0]!r}"))
        else:
            outcomes.append([_take(held, told.get(one.item), one, rule) for one in call])
    with database.together(connection):
        write(connection, held, told.values())
        lines = [
            line
            for call, receipts in zip(calls, outcomes, strict=True)
            if not isinstance(receipts, BatchNotFoundError) and (line := _line(held, call, receipts))
        ]
        if lines:
            _projects.keep(connection, held)
            _log.lines(connection, lines)
    return outcomes


def _line(held: Held, call: Sequence[NewAnswer], receipts: Sequence[Receipt]) -> _log.Line | None:
    """The line of the log, if the call changed anything."""
    outcomes = [receipt.outcome for receipt in receipts]
    written = {
        answer.annotator
        for answer, outcome in zip(call, outcomes, strict=True)
        if outcome in ("kept", "revised")
    }
    if not written:
        return None
    return _log.Line(
        at=held.now,
        project=held.name,
        actor=",".join(sorted(written)),
        verb="answers.tell",
        subject=held.name,
        detail=json.dumps({one: outcomes.count(one) for one in ("kept", "revised", "refused")}),
    )


def _take(held: Held, item: Told | None, answer: NewAnswer, rule: Rule) -> Receipt:
    if item is None:
        reason = f"project {held.name!r} has no item {answer.item!r}"
        return Receipt(item=answer.item, outcome="refused", reason=reason)
    if item.role == "validation":
        reason = f"{answer.item!r} is a validation item, whose label is given and not asked for"
        return Receipt(item=answer.item, outcome="refused", state=item.state, reason=reason)
    if answer.batch is not None and all(pick.batch != answer.batch for pick in item.picks):
        reason = f"{answer.item!r} is not in batch {answer.batch!r}"
        return Receipt(item=answer.item, outcome="refused", state=item.state, reason=reason)
    outcome = _keep(held, item, answer)
    for pick in item.picks:
        if pick.annotator == answer.annotator:
            pick.state = "released" if answer.kind == "defer" else "answered"
    if outcome != "same":
        _judge(held, item, rule)
    return Receipt(item=answer.item, outcome=outcome, state=item.state)


def _keep(held: Held, item: Told, answer: NewAnswer) -> Outcome:
    before = item.current.get(answer.annotator)
    if before is not None and before.says(answer):
        return "same"
    held.answers += 1
    if before is not None:
        item.replaced.append(item.current.pop(answer.annotator))  # so that the newest stands last
    item.current[answer.annotator] = Current(
        sequence=held.answers,
        kind=answer.kind,
        value=answer.value,
        reason=answer.reason,
        final=answer.final,
        new=answer,
    )
    return "kept" if before is None else "revised"


def _judge(held: Held, item: Told, rule: Rule) -> None:
    """Let the state and the label follow from the answers."""
    now = item.current.values()
    item.labels = sum(answer.kind == "label" for answer in now)
    judged = verdict([Vote(kind=one.kind, value=one.value, final=one.final) for one in now], rule)
    state = judged.state
    if state == "pool":
        if item.state in ("new", "pool", "failed", "duplicate"):
            return
        state = "new" if item.bare else "pool"
    held.tallies.move(item.role, item.state, state, item.cost)
    item.state, item.label, item.judged = state, judged.label, True


def _load(connection: Connection, held: Held, names: set[str]) -> dict[str, Told]:
    """The items of these ids with their picks and current answers."""
    dialect = connection.dialect.name
    asked = {"project": held.id, "names": listed(dialect, names)}
    told: dict[str, Told] = {}
    for row in connection.execute(items_with_picks(dialect), asked):
        item = told.get(row.id)
        if item is None:
            item = told[row.id] = Told(
                number=row.number,
                role=row.role,
                state=row.state,
                before=row.state,
                cost=row.cost,
                labels=row.labels,
                bare=bool(row.bare),
            )
        if row.ordinal is not None:
            pick = {"ordinal": row.ordinal, "rank": row.rank, "batch": row.batch, "annotator": row.annotator}
            item.picks.append(ItsPick(**pick, state=row.pick, before=row.pick))
    _load_answers(connection, held, {item.number: item for item in told.values()})
    return told


def _load_answers(connection: Connection, held: Held, told: dict[int, Told]) -> None:
    asked = {"project": held.id, "numbers": listed(connection.dialect.name, list(told))}
    for row in connection.execute(current_answers(connection.dialect.name), asked):
        told[row.number].current[row.annotator] = Current(
            sequence=row.sequence,
            kind=row.kind,
            value=to_value(row.value),
            reason=row.reason,
            final=row.final,
        )


def _missing_batches(
    connection: Connection, held: Held, calls: Sequence[Sequence[NewAnswer]], told: Iterable[Told]
) -> set[str]:
    """The batches named that are not there; most have shown up with their picks already."""
    named = {answer.batch for call in calls for answer in call if answer.batch is not None}
    named -= {pick.batch for item in told for pick in item.picks}
    if not named:
        return set()
    statement = select(batches.c.id).where(
        batches.c.project_id == held.id, among(connection, batches.c.id, named)
    )
    return named.difference(connection.scalars(statement))
