"""What a store keeps, as it goes in and as it comes out. Times are seconds since 1970 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.types import JSON, Cell, Indices, Item

Value: TypeAlias = str | tuple[str, ...]
"""A label: one class, or for a multi-label task the set of classes in sorted order (perhaps empty)."""

ItemRole: TypeAlias = Literal["pool", "validation"]
"""``validation`` items measure the learner; they are never handed out and never trained on."""

ItemState: TypeAlias = Literal[
    "new", "pool", "partial", "labelled", "conflict", "skipped", "failed", "duplicate"
]
"""How an item stands.

    new        its content has not been looked at yet
    pool       sound, and nobody has answered it
    partial    some of the wanted annotators have answered it
    labelled   it has a label
    conflict   its annotators disagree, and somebody has to decide
    skipped    it shall have no label
    failed     it could not be read; ``reason`` says why
    duplicate  its content is that of another item; ``reason`` names it
"""

AnswerKind: TypeAlias = Literal["label", "skip", "unsure", "defer"]
"""``skip``: it shall have no label. ``unsure``: this annotator cannot say, another may. ``defer``: not
now."""

Outcome: TypeAlias = Literal["kept", "same", "revised", "refused"]
PickState: TypeAlias = Literal["open", "answered", "released", "expired"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When an item has its label: ``annotators`` have answered, and they agree as ``decide`` says.

    ``unanimous``: all labels are equal. ``majority``: more than half of them are.
    """

    annotators: int = 1
    decide: Literal["unanimous", "majority"] = "unanimous"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectRow:
    """A project: ``definition`` is its configuration as JSON; ``version`` goes up with every change."""

    name: str
    definition: str
    version: int
    created: float
    changed: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NewItem:
    """An item to add. ``item.content`` is not kept: what is uploaded goes in as a ``data:`` URI.

    ``label`` is what is known of it already: the label of a ``validation`` item.
    """

    item: Item
    role: ItemRole = "pool"
    label: Value | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What came of adding items: ``known`` ids were there before and stay as they were."""

    added: int
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRow:
    """An item of a project. ``number`` counts up from 0 in the order of arrival and never changes."""

    number: int
    id: str
    state: ItemState
    role: ItemRole = "pool"
    uri: str | None = None
    text: str | None = None
    row: Mapping[str, Cell] | None = None
    cost: float = 1.0
    metadata: Mapping[str, JSON] = field(default_factory=dict)
    digest: bytes | None = None
    label: Value | None = None
    reason: str | None = None

    @property
    def item(self) -> Item:
        """The item as sources give it."""
        return Item(
            id=self.id, uri=self.uri, text=self.text, row=self.row, cost=self.cost, metadata=self.metadata
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a look at an item's content found: its digest (32 bytes), or why it could not be read."""

    number: int
    digest: bytes | None = None
    failure: str | None = None


def duplicate_of(item_id: str) -> str:
    """The reason of a duplicate of the item ``item_id``."""
    return f"the same content as {item_id!r}"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The items that may still want answers, at one moment: state ``pool`` or ``partial``, role ``pool``.

    Attributes: numbers: their numbers, ascending, shape (n,). costs: what each costs, shape (n,), float64.
        wanted: how many more annotators each may be handed to: the rule's number less those who answered
        (labels only) and those who hold it under a live lease, never below 0, shape (n,), int16. touched:
        whether the annotator who asks has answered it in any way or holds it, shape (n,), bool. begun:
        whether somebody has answered it, with a label or unsure, shape (n,), bool. spent: items that count
        against the budget: those labelled, partial or in conflict, and those held under a live lease.
        batches: how many batches were ever handed out; the next one's ordinal.
    """

    numbers: Indices
    costs: NDArray[np.float64]
    wanted: NDArray[np.int16]
    touched: NDArray[np.bool_]
    begun: NDArray[np.bool_]
    spent: int
    batches: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBatch:
    """A batch to hand out.

    ``numbers`` are the picks in order with their ``scores``; ``provenance`` is a JSON document and
    ``candidates`` the set that was chosen from (see ``alaas.projects``), so that the choice can be made
    again.
    """

    id: str
    annotator: str
    numbers: tuple[int, ...]
    scores: tuple[float | None, ...]
    lease: float
    provenance: str
    candidates: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """One item of a batch."""

    number: int
    item: str
    score: float | None
    state: PickState


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRow:
    """A batch that was handed out. ``ordinal`` counts the project's batches up from 0."""

    id: str
    ordinal: int
    annotator: str
    created: float
    until: float
    provenance: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAnswer:
    """What an annotator says of an item.

    ``final`` settles a conflict: the label stands whatever the others said. ``batch`` is None for an answer
    that came from elsewhere, such as an import.
    """

    item: str
    annotator: str
    kind: AnswerKind = "label"
    value: Value | None = None
    reason: str | None = None
    batch: str | None = None
    final: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of an answer, and how its item stands now.

    ``same``: it was known already. ``revised``: the annotator had said something else, which stays in the
    history. ``refused``: see ``reason``; nothing was written.
    """

    item: str
    outcome: Outcome
    state: ItemState | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerRow:
    """An answer as it was given. ``sequence`` counts the project's answers up from 1, without end."""

    sequence: int
    item: str
    number: int
    annotator: str
    kind: AnswerKind
    value: Value | None
    reason: str | None
    batch: str | None
    final: bool
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """An item that has its label."""

    number: int
    value: Value


@dataclass(frozen=True, kw_only=True)
class Counts:
    """A project in numbers. ``states`` has every state, of role ``pool`` only; ``sequence`` is that of the
    last answer, 0 before the first.

    ``held`` counts items under a live lease, ``cost`` adds up the costs of all labelled items of the pool,
    ``items`` counts those of both roles.
    """

    states: Mapping[ItemState, int]
    validation: int
    held: int
    batches: int
    sequence: int
    cost: float
    items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRound:
    """A learner that was fitted on ``labels`` labels, all answers up to ``through`` considered.

    ``model`` holds the fitted learner (None when the labels did not suffice); ``summary`` is a JSON document
    with metrics and what else is worth knowing.
    """

    through: int
    labels: int
    summary: str
    model: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundRow:
    """A round. ``number`` counts up from 1."""

    number: int
    created: float
    through: int
    labels: int
    summary: str
    fitted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """Who did what when. ``sequence`` counts up within the store; ``detail`` is a JSON document."""

    sequence: int
    at: float
    project: str | None
    actor: str
    verb: str
    subject: str
    detail: str
