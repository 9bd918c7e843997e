"""Answers of the store in memory, and the numbers that follow from them."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Sequence

from alaas.stores._memory_records import ItemRecord, ProjectRecord
from alaas.stores._verdict import Vote, verdict
from alaas.stores._words import (
    AnswerRow,
    Counts,
    Decided,
    ItemRole,
    ItemState,
    NewAnswer,
    Outcome,
    Receipt,
    Rule,
)


def tell(project: ProjectRecord, answers: Sequence[NewAnswer], *, rule: Rule, now: float) -> list[Receipt]:
    """See ``Store.tell``."""
    for answer in answers:
        if answer.batch is not None:
            project.batch(answer.batch)
    return [_take(project, answer, rule=rule, now=now) for answer in answers]


def _take(project: ProjectRecord, answer: NewAnswer, *, rule: Rule, now: float) -> Receipt:
    item = project.by_id.get(answer.item)
    if item is None:
        return Receipt(
            item=answer.item,
            outcome="refused",
            reason=f"project {project.row.name!r} has no item {answer.item!r}",
        )
    reason = _objection(item, answer)
    if reason is not None:
        return Receipt(item=item.id, outcome="refused", state=item.state, reason=reason)
    outcome = _keep(project, item, answer, now=now)
    for pick in item.picks:
        if pick.batch.new.annotator == answer.annotator:
            pick.state = "released" if answer.kind == "defer" else "answered"
    if outcome != "same":
        _judge(item, rule)
    return Receipt(item=item.id, outcome=outcome, state=item.state)


def _objection(item: ItemRecord, answer: NewAnswer) -> str | None:
    """Why the answer is refused; None if it is not."""
    if item.role == "validation":
        return f"{item.id!r} is a validation item, whose label is given and not asked for"
    if answer.batch is not None and all(pick.batch.new.id != answer.batch for pick in item.picks):
        return f"{item.id!r} is not in batch {answer.batch!r}"
    return None


def _keep(project: ProjectRecord, item: ItemRecord, answer: NewAnswer, *, now: float) -> Outcome:
    """Write the answer down unless it is known."""
    before = item.answers.get(answer.annotator)
    if before is not None and _content(before) == _content(answer):
        return "same"
    row = AnswerRow(
        sequence=len(project.answers) + 1,
        item=item.id,
        number=item.number,
        annotator=answer.annotator,
        kind=answer.kind,
        value=answer.value,
        reason=answer.reason,
        batch=answer.batch,
        final=answer.final,
        at=now,
    )
    project.answers.append(row)
    item.answers.pop(answer.annotator, None)  # so that the newest stands last
    item.answers[answer.annotator] = row
    return "kept" if before is None else "revised"


def _content(answer: AnswerRow | NewAnswer) -> tuple[object, ...]:
    return answer.kind, answer.value, answer.reason, answer.final


def _judge(item: ItemRecord, rule: Rule) -> None:
    """Let the state and the label follow from the answers."""
    votes = [Vote(kind=row.kind, value=row.value, final=row.final) for row in item.answers.values()]
    judged = verdict(votes, rule)
    if judged.state != "pool":
        item.state, item.label, item.reason = judged.state, judged.label, None
    elif item.state not in ("new", "pool", "failed", "duplicate"):
        item.state, item.label = ("new" if item.digest is None else "pool"), None


def decided(project: ProjectRecord, *, role: ItemRole) -> list[Decided]:
    """See ``Store.decided``."""
    return [
        Decided(number=item.number, value=item.label)
        for item in project.items
        if item.role == role and item.state == "labelled" and item.label is not None
    ]


def counts(project: ProjectRecord, *, now: float, holds: bool) -> Counts:
    """See ``Store.counts``."""
    pool = [item for item in project.items if item.role == "pool"]
    states = Counter(item.state for item in pool)
    return Counts(
        states={state: states[state] for state in typing.get_args(ItemState)},
        validation=len(project.items) - len(pool),
        held=sum(bool(item.holders(now)) for item in pool) if holds else 0,
        batches=len(project.batches),
        sequence=len(project.answers),
        cost=sum(item.cost for item in pool if item.state == "labelled"),
        items=len(project.items),
    )
