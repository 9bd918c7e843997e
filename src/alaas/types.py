"""The words that every room shares. Frozen, keyword-only, free of behaviour that needs a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Indices: TypeAlias = NDArray[np.int64]
Cell: TypeAlias = str | int | float | bool | None
JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
ModalityName: TypeAlias = Literal["image", "text", "table"]
SignalName: TypeAlias = Literal[
    "probs",
    "mc_probs",
    "embeddings",
    "labelled_embeddings",
    "labelled_probs",
    "labels",
    "weights",
    "costs",
    "answers",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing that can be labelled.

    Exactly one of ``uri``, ``text``, ``row`` and ``content`` carries the thing itself. ``id`` is stable: the
    same source gives the same thing the same id every time it is read. ``label`` is what the source says of
    it; only projects look at it.
    """

    id: str
    uri: str | None = None
    text: str | None = None
    row: Mapping[str, Cell] | None = None
    content: bytes | None = None
    cost: float = 1.0
    metadata: Mapping[str, JSON] = field(default_factory=dict)
    label: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    """An encoder's output for one item: ``embeddings`` of shape (D,), ``probs`` of shape (C,), float32."""

    embeddings: NDArray[np.float32] | None = None
    probs: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """The item shall have no label: it is broken, or off the subject."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """The annotator cannot say; another one may."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Defer:
    """Not now: the item goes back to the pool."""

    reason: str = ""


Answer: TypeAlias = str | Sequence[str] | Skip | Unsure | Defer
"""A class, several classes (multi-label), or one of the ways to give none."""

POOL_AXIS: dict[SignalName, int] = {"probs": 0, "mc_probs": 1, "embeddings": 0, "costs": 0, "answers": 0}
"""The signals with one entry for each item of the pool, and the axis that counts the items."""


@dataclass(frozen=True, kw_only=True)
class Signals:
    """The arrays that a strategy may ask for: n items in the pool, m labelled ones, C classes.

    float16, float32, float64 and memory-mapped arrays are all welcome.

    Attributes: probs: class probabilities of the pool, shape (n, C). mc_probs: class probabilities by K
        members of an ensemble or K stochastic passes, shape (K, n, C). embeddings: the pool's embeddings,
        shape (n, D). labelled_embeddings: embeddings of what is labelled already, shape (m, D).
        labelled_probs: the learner's class probabilities of what is labelled already, shape (m, C). labels:
        its labels as class numbers, 0 to C - 1 in the order of the columns of probs, shape (m,). weights: the
        learner's linear layer, class by class, with the bias as last column, shape (C, D + 1). costs: what
        labelling each item costs, shape (n,). answers: what A annotators said of each item as class numbers,
        -1 where one said nothing, shape (n, A). count: the pool's size, for a strategy that needs no array;
        otherwise it follows from the arrays.
    """

    probs: Floats | None = None
    mc_probs: Floats | None = None
    embeddings: Floats | None = None
    labelled_embeddings: Floats | None = None
    labelled_probs: Floats | None = None
    labels: NDArray[Any] | None = None
    weights: Floats | None = None
    costs: Floats | None = None
    answers: NDArray[Any] | None = None
    count: int | None = None

    def __len__(self) -> int:
        """The pool's size n."""
        for name, axis in POOL_AXIS.items():
            array = getattr(self, name)
            if array is not None:
                return int(array.shape[axis])
        return self.count or 0

    def take(self, items: Indices | slice) -> Signals:
        """The signals of a part of the pool; what is labelled, and the learner, stay as they are."""
        count = len(range(len(self))[items]) if isinstance(items, slice) else len(items)
        parts = {
            name: array[items] if axis == 0 else array[:, items]
            for name, axis in POOL_AXIS.items()
            if (array := getattr(self, name)) is not None
        }
        return replace(self, count=count, **parts)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The ordered result of one strategy call.

    ``indices`` holds min(budget, n) distinct positions in the pool, best first, shape (b,), int64.
    ``scores`` holds the strategy's own score of each pick, shape (b,), float64: higher was more wanted; NaN
    where the strategy has none.
    """

    indices: Indices
    scores: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectedItem:
    """One chosen item with its strategy's score and its rank, 0 for the first pick."""

    item: Item
    score: float | None
    rank: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedItem:
    """One item that was skipped, and why. ``code`` is the stable code of the error."""

    id: str
    uri: str | None
    reason: str
    code: str = "item"


@dataclass(frozen=True, kw_only=True, slots=True)
class StageStats:
    """What one stage of the pipeline did.

    ``busy`` is the share of the run's time × workers that its functions ran, 0 to 1. ``queue`` is the mean
    number of items that waited before it, ``capacity`` the most that may wait.
    """

    name: str
    workers: int
    items: int
    batches: int
    seconds: float
    busy: float
    queue: float
    capacity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStats:
    """Counters of one run of the pipeline: ``items`` that came in, of which ``cache_hits`` ran no model."""

    items: int
    seconds: float
    cache_hits: int = 0
    stages: tuple[StageStats, ...] = ()
    bottleneck: str | None = None

    @property
    def items_per_second(self) -> float:
        """Throughput over the whole run."""
        return self.items / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """All that is needed to make the same selection again.

    ``candidates`` were left of ``shards`` for the last choice; None where all was in one place.
    """

    strategy: str
    parameters: Mapping[str, JSON]
    budget: int
    seed: int
    model: str | None
    encoder_fingerprint: str | None
    pool_fingerprint: str
    config_fingerprint: str
    version: str
    shards: int = 1
    candidates: int | None = None


@dataclass(frozen=True, kw_only=True)
class PoolSelection(Selection):
    """A selection from a source: the chosen items themselves, what failed, and how it went.

    ``indices`` count the usable items of the source in their order; ``selected`` holds the same picks.
    """

    selected: tuple[SelectedItem, ...]
    failed: tuple[FailedItem, ...]
    stats: RunStats
    provenance: Provenance
    warnings: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The chosen items' ids, best first."""
        return [chosen.item.id for chosen in self.selected]
