"""What the tests of stores begin with: a clock that is moved by hand, a project with a pool, short calls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence

import pytest
from blake3 import blake3

from alaas.stores import (
    AnswerKind,
    BatchRow,
    Finding,
    ItemRole,
    NewAnswer,
    NewBatch,
    NewItem,
    Outcome,
    Receipt,
    Rule,
    Snapshot,
    Store,
    Value,
)
from alaas.types import Item

PROJECT = "flowers"
ONE, TWO, THREE = Rule(), Rule(annotators=2), Rule(annotators=3, decide="majority")


class Clock:
    """Gives the time that it was set to."""

    def __init__(self, time: float = 1_700_000_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time

    def forward(self, seconds: float) -> None:
        """Let time pass, or go back."""
        self.time += seconds


def digest(content: object) -> bytes:
    """The digest of a content that tests call by a name."""
    return blake3(repr(content).encode()).digest()


def new_items(*ids: str, role: ItemRole = "pool", label: Value | None = None) -> list[NewItem]:
    """Items with these ids."""
    return [NewItem(item=Item(id=name, uri=f"file:{name}"), role=role, label=label) for name in ids]


def fill(store: Store, count: int, *, project: str = PROJECT) -> None:
    """Begin a project with ``count`` sound items: number n has the id ``i<n>``."""
    store.create_project(project, "{}", actor="lead")
    store.add_items(project, new_items(*(f"i{n}" for n in range(count))), actor="lead")
    store.settle(project, [Finding(number=n, digest=digest(n)) for n in range(count)])


def hand(
    store: Store,
    batch_id: str,
    numbers: Sequence[int],
    *,
    annotator: str = "ann",
    lease: float = 60.0,
    rule: Rule = ONE,
    budget: int | None = None,
) -> BatchRow:
    """Hand out a batch."""
    new = NewBatch(
        id=batch_id,
        annotator=annotator,
        numbers=tuple(numbers),
        scores=tuple(number / 8 if number % 2 else None for number in numbers),
        lease=lease,
        provenance=f'{{"strategy": "{batch_id}"}}',
        candidates=batch_id.encode(),
    )
    return store.hand_out(PROJECT, new, rule=rule, budget=budget)


def say(
    store: Store,
    item: str,
    value: Value | None = "rose",
    *,
    annotator: str = "ann",
    kind: AnswerKind = "label",
    reason: str | None = None,
    batch: str | None = None,
    final: bool = False,
    rule: Rule = ONE,
) -> Receipt:
    """Tell one answer."""
    answer = NewAnswer(
        item=item,
        annotator=annotator,
        kind=kind,
        value=value if kind == "label" else None,
        reason=reason,
        batch=batch,
        final=final,
    )
    (receipt,) = store.tell(PROJECT, [answer], rule=rule)
    return receipt


def see(store: Store, annotator: str = "ann", *, rule: Rule = ONE) -> Snapshot:
    """A snapshot of the project."""
    return store.snapshot(PROJECT, annotator, rule=rule)


def free(store: Store, annotator: str = "ann", *, rule: Rule = ONE) -> list[int]:
    """The numbers that this annotator could be handed."""
    seen = see(store, annotator, rule=rule)
    return [int(number) for number in seen.numbers[(seen.wanted > 0) & ~seen.touched]]


def states(store: Store) -> list[str]:
    """The states of all items, by number."""
    return [row.state for row in store.items(PROJECT)]


def picks(batch: BatchRow) -> list[str]:
    """The states of a batch's picks, in their order."""
    return [pick.state for pick in batch.picks]


def outcomes(receipts: Sequence[Receipt]) -> list[Outcome]:
    """The outcomes alone."""
    return [receipt.outcome for receipt in receipts]


class StoreScene:
    """Makes the stores that the suite's tests use."""

    @abstractmethod
    def make(self, clock: Callable[[], float]) -> Store:
        """A new and empty store that takes its time from ``clock``."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The store's time."""
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        """A store with a project ``flowers`` of ten sound items."""
        with self.make(clock) as store:
            fill(store, 10)
            yield store

    @pytest.fixture
    def bare(self, clock: Clock) -> Iterator[Store]:
        """A store that holds nothing."""
        with self.make(clock) as store:
            yield store
