"""What a project's verbs give and take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from alaas.metrics import Metrics
from alaas.stores import ItemState, PickState, Receipt, Value
from alaas.types import JSON, Cell
from alaas.types import Answer as Answer
from alaas.types import Defer as Defer
from alaas.types import Skip as Skip
from alaas.types import Unsure as Unsure

Reason: TypeAlias = Literal["strategy", "pinned", "second opinion", "stream", "audit", "warm-up"]
"""Why an item is in a batch.

    strategy         the strategy chose it
    pinned           somebody asked for it by id
    second opinion   another annotator has answered it, and the rule wants more
    stream           taken from the stream, and not handed out yet
    audit            drawn at random to measure the learner
    warm-up          chosen without the learner, because there are too few labels yet
"""


Why: TypeAlias = Literal["scored", "warm-up", "known", "repeated", "duplicate", "failed"]
"""Why an item of a stream was taken or let go.

    scored      the budget manager decided by what the learner makes of it
    warm-up     it decided without the learner, which has learned nothing yet
    known       an item of that id is in the project
    repeated    the same item, by its id or its content, was let go not long ago
    duplicate   its content is that of another item of the pool
    failed      it cannot be read
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What became of one item of a stream.

    ``utility`` is what it was worth, None where nobody had to ask; ``detail`` says what it is a duplicate of,
    or what failed.
    """

    id: str
    taken: bool
    why: Why
    utility: float | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """Decisions, one an item in their order, and the account: how many have arrived and were taken."""

    decisions: tuple[Decision, ...]
    arrived: int
    taken: int

    @property
    def ids(self) -> list[str]:
        """The ids of the items that were taken."""
        return [decision.id for decision in self.decisions if decision.taken]


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchItem:
    """One item to label. ``guess`` is the learner's likeliest class with its probability, if it knows one."""

    id: str
    rank: int
    uri: str | None = None
    text: str | None = None
    row: Mapping[str, Cell] | None = None
    cost: float = 1.0
    metadata: Mapping[str, JSON] = field(default_factory=dict)
    score: float | None = None
    reason: Reason = "strategy"
    state: PickState = "open"
    guess: tuple[str, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Items handed out to one annotator until ``until``; best first. Times are in UTC.

    ``strategy`` is what really chose, and ``round`` the round whose learner it used, None before the first.
    """

    id: str
    project: str
    ordinal: int
    annotator: str
    created: datetime
    until: datetime
    strategy: str
    round: int | None
    items: tuple[BatchItem, ...]
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The items' ids, best first."""
        return [item.id for item in self.items]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of answers, and how many labels the project has now."""

    receipts: tuple[Receipt, ...]
    labels: int

    @property
    def kept(self) -> int:
        """Answers that were written: new ones and revised ones."""
        return sum(receipt.outcome in ("kept", "revised") for receipt in self.receipts)

    @property
    def refused(self) -> tuple[Receipt, ...]:
        """Answers that were not taken, with the reason."""
        return tuple(receipt for receipt in self.receipts if receipt.outcome == "refused")


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One retraining: how many labels it had, and how good the learner is by ``metrics``, if it can be
    said.
    """

    number: int
    created: datetime
    labels: int
    through: int
    fitted: bool
    seconds: float
    learner: str
    classes: tuple[str, ...]
    balance: Mapping[str, int]
    cost: float
    metrics: Metrics | None = None
    measured_on: Literal["validation", "audit", "cross-fit"] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A project at one moment.

    ``labels`` counts items that have their label; ``remaining`` what the budget leaves, None without one;
    ``pool`` what may still be asked for, or is with somebody; ``behind`` the answers that came after the
    last retraining; ``agreement`` is Krippendorff's alpha, None where no item has two labels.
    """

    name: str
    labels: int
    budget: int | None
    remaining: int | None
    pool: int
    held: int
    items: int
    states: Mapping[ItemState, int]
    validation: int
    batches: int
    cost: float
    balance: Mapping[str, int]
    agreement: float | None
    behind: int
    round: Round | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """An item whose annotators disagree: who says what."""

    id: str
    uri: str | None
    text: str | None
    answers: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """A batch chosen again: ``same`` says whether the picks are those that were handed out."""

    batch: str
    ids: tuple[str, ...]
    same: bool
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """What the learner says of one item; ``failure`` where it could not be read."""

    id: str
    label: Value | None
    probabilities: Mapping[str, float]
    failure: str | None = None
