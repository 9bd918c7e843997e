"""Answers come in: what they change is worked out in memory and written at once."""

from __future__ import annotations

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
    database: Database, connection: Connection, project: str, new: Sequence[NewAnswer], rule: Rule
) -> list[Receipt]:
    """See ``Store.tell``."""
    held = _projects.hold(database, connection, project)
    told = _load(connection, held, {answer.item for answer in new})
    _check_batches(connection, held, new, told.values())
    receipts = [_take(held, told.get(answer.item), answer, rule) for answer in new]
    outcomes = [receipt.outcome for receipt in receipts]
    with database.together(connection):
        write(connection, held, told.values())
        written = {
            answer.annotator
            for answer, outcome in zip(new, outcomes, strict=True)
            if outcome in ("kept", "revised")
        }
        if written:
            _projects.keep(connection, held)
            _log.line(
                connection,
                held.now,
                project,
                ",".join(sorted(written)),
                "answers.tell",
                project,
                kept=outcomes.count("kept"),
                revised=outcomes.count("revised"),
                refused=outcomes.count("refused"),
            )
    return receipts


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


def _check_batches(
    connection: Connection, held: Held, new: Sequence[NewAnswer], told: Iterable[Told]
) -> None:
    """Make sure that every batch named is there; most have shown up with their picks already."""
    named = {answer.batch for answer in new if answer.batch is not None}
    named -= {pick.batch for item in told for pick in item.picks}
    if named:
        statement = select(batches.c.id).where(
            batches.c.project_id == held.id, among(connection, batches.c.id, named)
        )
        missing = sorted(named.difference(connection.scalars(statement)))
        if missing:
            raise BatchNotFoundError(f"project {held.name!r} has no batch {missing[0]!r}")
