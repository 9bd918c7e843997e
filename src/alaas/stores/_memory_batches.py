"""Batches of the store in memory: handing out, extending, giving back."""

from __future__ import annotations

from collections.abc import Sequence

from alaas.errors import BudgetSpentError, TakenError
from alaas.stores._memory_records import BatchRecord, ItemRecord, PickRecord, ProjectRecord
from alaas.stores._words import NewBatch, Rule


def hand_out(
    project: ProjectRecord, new: NewBatch, *, rule: Rule, budget: int | None, now: float
) -> BatchRecord:
    """See ``Store.hand_out``; the caller has seen that the id is new."""
    picked = _free(project, new, rule=rule, now=now)
    if budget is not None:
        spent = project.spent(now)
        more = sum(not item.spent(now) for item in picked)
        if more and spent + more > budget:
            raise BudgetSpentError(
                f"the batch has {more} new items, but {spent} of the project's budget of {budget} are "
                "labelled or handed out; ask for fewer, wait until leases end, or raise the budget"
            )
    scored = list(zip(picked, new.scores, strict=True))
    batch = BatchRecord(new=new, ordinal=len(project.batches), created=now, until=now + new.lease)
    for item, score in scored:
        pick = PickRecord(item=item, batch=batch, score=score)
        batch.picks.append(pick)
        item.picks.append(pick)
    project.batches[new.id] = batch
    return batch


def _free(project: ProjectRecord, new: NewBatch, *, rule: Rule, now: float) -> list[ItemRecord]:
    """The items of the picks.

    Raises:
        TakenError: one of them is not free.
    """
    picked: dict[int, ItemRecord] = {}
    for number in new.numbers:
        item = project.items[number] if 0 <= number < len(project.items) else None
        if item is None or number in picked or not _is_free(item, new.annotator, rule=rule, now=now):
            name = f"item {number}" if item is None else repr(item.id)
            raise TakenError(f"{name} is not free any more for {new.annotator!r}; choose again")
        picked[number] = item
    return list(picked.values())


def _is_free(item: ItemRecord, annotator: str, *, rule: Rule, now: float) -> bool:
    return item.available() and item.wanted(rule.annotators, now) > 0 and not item.touched(annotator, now)


def extend(
    project: ProjectRecord, batch: BatchRecord, lease: float, *, rule: Rule, budget: int | None, now: float
) -> int:
    """See ``Store.extend``; says how many picks are open now."""
    room = None if budget is None else budget - project.spent(now)
    states = []
    for pick in batch.picks:
        state = pick.seen(now)
        if state == "expired" and _is_free(pick.item, batch.new.annotator, rule=rule, now=now):
            more = not pick.item.spent(now)
            if room is None or not more or room > 0:
                room = None if room is None else room - more
                state = "open"
        states.append(state)
    for pick, state in zip(batch.picks, states, strict=True):
        pick.state = state
    batch.until = now + lease
    return states.count("open")


def release(batch: BatchRecord, items: Sequence[str] | None, *, now: float) -> int:
    """See ``Store.release``; says how many picks were given back."""
    wanted = None if items is None else set(items)
    given = [p for p in batch.picks if p.holds(now) and (wanted is None or p.item.id in wanted)]
    for pick in given:
        pick.state = "released"
    return len(given)
