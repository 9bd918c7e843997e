"""What the store in memory keeps: records that change in place, under the store's lock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from alaas.errors import BatchNotFoundError
from alaas.stores._streams import TakenRow
from alaas.stores._words import (
    AnswerRow,
    BatchRow,
    ItemRole,
    ItemRow,
    ItemState,
    NewBatch,
    NewItem,
    Pick,
    PickState,
    ProjectRow,
    RoundRow,
    Value,
)


@dataclass(kw_only=True, slots=True, eq=False)
class PickRecord:
    """One item in one batch. It stays ``open`` when its lease runs out; ``seen`` knows better."""

    item: ItemRecord
    batch: BatchRecord
    score: float | None
    state: PickState = "open"

    def seen(self, now: float) -> PickState:
        """The state at ``now``."""
        return "expired" if self.state == "open" and self.batch.until <= now else self.state

    def holds(self, now: float) -> bool:
        """Whether the item is held by it under a live lease."""
        return self.state == "open" and self.batch.until > now


@dataclass(kw_only=True, slots=True, eq=False)
class BatchRecord:
    """A batch with its picks in order."""

    new: NewBatch
    ordinal: int
    created: float
    until: float
    picks: list[PickRecord] = field(default_factory=list)

    def row(self, now: float) -> BatchRow:
        """The batch as it is at ``now``."""
        return BatchRow(
            id=self.new.id,
            ordinal=self.ordinal,
            annotator=self.new.annotator,
            created=self.created,
            until=self.until,
            provenance=self.new.provenance,
            picks=tuple(
                Pick(number=pick.item.number, item=pick.item.id, score=pick.score, state=pick.seen(now))
                for pick in self.picks
            ),
        )


@dataclass(kw_only=True, slots=True, eq=False)
class ItemRecord:
    """An item.

    ``answers`` are the current ones, each annotator's last, oldest first. ``metadata`` and ``row`` are JSON,
    so that nobody can change what is kept through what was given.
    """

    number: int
    id: str
    role: ItemRole
    uri: str | None
    text: str | None
    row: str | None
    cost: float
    metadata: str
    label: Value | None
    state: ItemState = "new"
    digest: bytes | None = None
    reason: str | None = None
    answers: dict[str, AnswerRow] = field(default_factory=dict)
    picks: list[PickRecord] = field(default_factory=list)

    @classmethod
    def of(cls, number: int, new: NewItem) -> ItemRecord:
        """The record of an item that comes in."""
        item = new.item
        return cls(
            number=number,
            id=item.id,
            role=new.role,
            uri=item.uri,
            text=item.text,
            row=None if item.row is None else json.dumps(dict(item.row)),
            cost=float(item.cost),
            metadata=json.dumps(dict(item.metadata)) if item.metadata else "{}",
            label=new.label,
        )

    def seen(self) -> ItemRow:
        """The item as it is now."""
        return ItemRow(
            number=self.number,
            id=self.id,
            state=self.state,
            role=self.role,
            uri=self.uri,
            text=self.text,
            row=None if self.row is None else json.loads(self.row),
            cost=self.cost,
            metadata=json.loads(self.metadata),
            digest=self.digest,
            label=self.label,
            reason=self.reason,
        )

    def holders(self, now: float) -> set[str]:
        """Who holds the item under a live lease."""
        return {pick.batch.new.annotator for pick in self.picks if pick.holds(now)}

    def wanted(self, annotators: int, now: float) -> int:
        """How many more annotators it may be handed to, of ``annotators`` in all."""
        if not self.picks and not self.answers:
            return annotators
        labels = sum(answer.kind == "label" for answer in self.answers.values())
        return max(0, annotators - labels - len(self.holders(now)))

    def touched(self, annotator: str, now: float) -> bool:
        """Whether ``annotator`` has answered it in any way or holds it."""
        answer = self.answers.get(annotator)
        return (answer is not None and answer.kind != "defer") or annotator in self.holders(now)

    def begun(self) -> bool:
        """Whether somebody has answered it, with a label or unsure."""
        return any(answer.kind in ("label", "unsure") for answer in self.answers.values())

    def available(self) -> bool:
        """Whether it may still want answers."""
        return self.role == "pool" and self.state in ("pool", "partial")

    def spent(self, now: float) -> bool:
        """Whether it counts against the budget."""
        if self.role != "pool":
            return False
        return self.state in ("labelled", "partial", "conflict") or any(p.holds(now) for p in self.picks)


@dataclass(kw_only=True, slots=True, eq=False)
class ProjectRecord:
    """A project with all it holds. ``digests``: the items of a role that have a digest."""

    row: ProjectRow
    items: list[ItemRecord] = field(default_factory=list)
    by_id: dict[str, ItemRecord] = field(default_factory=dict)
    digests: dict[tuple[ItemRole, bytes], list[ItemRecord]] = field(default_factory=dict)
    batches: dict[str, BatchRecord] = field(default_factory=dict)
    answers: list[AnswerRow] = field(default_factory=list)
    rounds: list[tuple[RoundRow, bytes | None]] = field(default_factory=list)
    stream: str | None = None
    stream_version: int = 0
    taken: list[TakenRow] = field(default_factory=list)

    def batch(self, batch_id: str) -> BatchRecord:
        """The batch of that id."""
        if batch_id not in self.batches:
            raise BatchNotFoundError(f"project {self.row.name!r} has no batch {batch_id!r}")
        return self.batches[batch_id]

    def spent(self, now: float) -> int:
        """How many items count against the budget."""
        return sum(item.spent(now) for item in self.items)

    def after(self, number: int) -> Iterator[ItemRecord]:
        """The items numbered above ``number``, ascending."""
        for place in range(max(number + 1, 0), len(self.items)):
            yield self.items[place]
