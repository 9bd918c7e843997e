"""Drives a store and another one side by side, at random, and compares all they say.

    class MyMachine(StoreMachine):
        def make(self, clock):
            return MyStore(clock=clock)

    TestMachine = MyMachine.TestCase
    TestMachine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)

Needs hypothesis.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alaas.errors import AlaasError
from alaas.stores import BatchRow, Finding, NewAnswer, NewBatch, NewItem, NewRound, Rule, Store, Value
from alaas.stores.memory import Memory
from alaas.testing._store_scenes import PROJECT, Clock, digest, free
from alaas.types import Item

ANNOTATORS = ("ann", "bob", "cid")
IDS = tuple(f"i{n}" for n in range(8))
annotators = st.sampled_from(ANNOTATORS)
numbers = st.integers(0, 9)
places = st.integers(0, 7)
leases = st.sampled_from([10.0, 30.0])
budgets = st.none() | st.integers(0, 5)
rules = st.builds(Rule, annotators=st.integers(1, 3), decide=st.sampled_from(["unanimous", "majority"]))
labels: st.SearchStrategy[Value] = st.sampled_from(["rose", "tulip", ("rose",), ()])
reasons = st.sampled_from([None, "why"])


@st.composite
def answers(draw: st.DrawFn) -> NewAnswer:
    """An answer, mostly a label, about an item that is mostly there, of no batch."""
    kind = draw(st.sampled_from(["label", "label", "label", "label", "skip", "unsure", "defer"]))
    return NewAnswer(
        item=draw(st.sampled_from([*IDS[:5] * 3, *IDS, "v0", "nowhere"])),
        annotator=draw(annotators),
        kind=kind,  # type: ignore[arg-type]
        value=draw(labels) if kind == "label" else None,
        reason=draw(reasons),
        final=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """A finding, mostly a digest of few, so that contents meet."""
    number = draw(numbers)
    if draw(st.sampled_from([False, False, False, True])):
        return Finding(number=number, failure=draw(st.sampled_from(["bad", "worse"])))
    return Finding(number=number, digest=digest(draw(st.integers(0, 3) | st.just(f"own {number}"))))


class StoreMachine(RuleBasedStateMachine):
    """Calls a store and a reference with the same arguments; what they answer must be the same."""

    def make(self, clock: Callable[[], float]) -> Store:
        """A new and empty store that takes its time from ``clock``."""
        raise NotImplementedError(f"{type(self).__name__} must say how to make a store")

    def reference(self, clock: Callable[[], float]) -> Store:
        """What it is compared with; the store in memory unless overridden."""
        return Memory(clock=clock)

    def reopen(self, store: Store) -> Store:
        """Close the store and open it again, if that is something that can be done to it."""
        return store

    @initialize(seen=st.sampled_from([True, True, True, False]), rule=rules)
    def begin(self, seen: bool, rule: Rule) -> None:
        """Begin a project with six items, which have or have not been looked at."""
        self.clock = Clock()
        self.store, self.other = self.make(self.clock), self.reference(self.clock)
        self.rule = rule
        self.told: dict[tuple[str, str], NewAnswer] = {}
        self.both(lambda store: store.create_project(PROJECT, "{}", actor="lead"))
        self.add([*IDS[:5]], "pool")
        self.add(["v0"], "validation")
        if seen:
            found = [Finding(number=number, digest=digest(f"own {number}")) for number in range(6)]
            self.both(lambda store: store.settle(PROJECT, found))

    def both(self, call: Callable[[Store], object]) -> object:
        """Call both; their answers, or the kinds of their errors, must be the same."""
        expected, found = _outcome(call, self.other), _outcome(call, self.store)
        assert found == expected, f"got {found!r}, expected {expected!r}"
        return found

    @property
    def batches(self) -> list[BatchRow]:
        """What was handed out so far."""
        return self.other.batches(PROJECT)

    @rule(
        ids=st.lists(st.sampled_from([*IDS, "v0", "v1"]), max_size=4),
        role=st.sampled_from(["pool", "pool", "validation"]),
    )
    def add(self, ids: list[str], role: str) -> None:
        """Add items, known ones too."""
        label = "rose" if role == "validation" else None
        new = [
            NewItem(item=Item(id=name, text=name, cost=len(ids) / 2), role=role, label=label)  # type: ignore[arg-type]
            for name in ids
        ]
        self.both(lambda store: store.add_items(PROJECT, new, actor="lead"))

    @rule(found=st.lists(findings(), max_size=5))
    def settle(self, found: list[Finding]) -> None:
        """Write down findings, about settled items too."""
        self.both(lambda store: store.settle(PROJECT, found))

    @rule(
        again=st.none() | st.none() | places,
        annotator=annotators,
        wanted=st.lists(numbers, max_size=4),
        sensible=st.sampled_from([True, True, True, False]),
        lease=leases,
        budget=budgets,
    )
    def hand_out(
        self,
        again: int | None,
        annotator: str,
        wanted: list[int],
        sensible: bool,
        lease: float,
        budget: int | None,
    ) -> None:
        """Hand out items that are free, or any; under a new id, or one that may have been used."""
        open_to = free(self.other, annotator, rule=self.rule)
        if sensible:
            wanted = (
                [open_to[number] for number in sorted({n % len(open_to) for n in wanted})] if open_to else []
            )
        new = NewBatch(
            id=f"b{len(self.batches) if again is None else again}",
            annotator=annotator,
            numbers=tuple(wanted),
            scores=tuple(number / 4 for number in wanted),
            lease=lease,
            provenance="{}",
            candidates=bytes(wanted),
        )
        self.both(lambda store: store.hand_out(PROJECT, new, rule=self.rule, budget=budget))

    @rule(told=st.lists(answers(), min_size=1, max_size=4), place=st.none() | st.none() | places)
    def tell(self, told: list[NewAnswer], place: int | None) -> None:
        """Tell answers, to unknown items and batches too."""
        self._tell([replace(answer, batch=None if place is None else f"b{place}") for answer in told])

    @precondition(lambda self: self.batches)
    @rule(place=places, pattern=st.lists(st.none() | labels, min_size=1, max_size=4))
    def answer_batch(self, place: int, pattern: list[Value | None]) -> None:
        """Answer a batch as its annotator would: some of it, in time or late; None defers."""
        batch = self.batches[place % len(self.batches)]
        told = [
            NewAnswer(
                item=pick.item,
                annotator=batch.annotator,
                kind="defer" if value is None else "label",
                value=value,
                batch=batch.id,
            )
            for pick, value in zip(batch.picks, pattern, strict=False)
        ]
        self._tell(told)

    def _tell(self, told: list[NewAnswer]) -> None:
        receipts = self.both(lambda store: _told(store, told, self.rule))
        if isinstance(receipts, list):
            for answer, receipt in zip(told, receipts, strict=True):
                if receipt.outcome != "refused":
                    self.told[answer.item, answer.annotator] = answer

    @precondition(lambda self: self.batches)
    @rule(place=places, lease=leases, budget=budgets)
    def extend(self, place: int, lease: float, budget: int | None) -> None:
        """Extend a batch, expired or not."""
        batch_id = self.batches[place % len(self.batches)].id
        self.both(
            lambda store: store.extend(PROJECT, batch_id, lease, rule=self.rule, budget=budget, actor="boss")
        )

    @precondition(lambda self: self.batches)
    @rule(place=places, ids=st.none() | st.lists(st.sampled_from(IDS), max_size=3))
    def release(self, place: int, ids: Sequence[str] | None) -> None:
        """Give a batch back, or a part of it."""
        batch_id = self.batches[place % len(self.batches)].id
        self.both(lambda store: store.release(PROJECT, batch_id, ids, actor="boss"))

    @rule(seconds=st.sampled_from([1.0, 10.0, 10.0, 30.0, -5.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass, or set the clock back; a clock that was set back is noticed by nobody."""
        self.both(lambda store: store.now())
        self.clock.forward(seconds)

    @rule(rule=rules)
    def change_rule(self, rule: Rule) -> None:
        """Ask for more or fewer annotators from now on."""
        self.rule = rule

    @rule(model=st.none() | st.binary(max_size=3))
    def retrain(self, model: bytes | None) -> None:
        """Keep a round through the last answer."""
        through = self.other.counts(PROJECT).sequence
        new = NewRound(through=through, labels=through, summary="{}", model=model)
        self.both(lambda store: store.add_round(PROJECT, new, actor="lead"))

    @rule()
    def restart(self) -> None:
        """Close the store and open it again."""
        self.both(lambda store: store.now())
        self.store = self.reopen(self.store)
        # A new process has seen no time yet; the other must forget with it what a clock set back has left.
        self.clock.time = max(self.clock.time, self.other.now())

    @invariant()
    def nothing_tells_them_apart(self) -> None:
        """Items, counts, batches, labels, and what each annotator could be handed."""
        self.both(lambda store: store.items(PROJECT))
        self.both(lambda store: store.counts(PROJECT))
        self.both(lambda store: store.batches(PROJECT))
        self.both(lambda store: store.decided(PROJECT))
        for name in ANNOTATORS[:2]:
            self.both(lambda store, name=name: _seen(store, name, self.rule))  # type: ignore[misc]

    @invariant()
    def every_acknowledged_answer_is_the_last_of_its_annotator(self) -> None:
        """Whatever happened since."""
        rows = self.store.answers(PROJECT)
        last = {(row.item, row.annotator): (row.kind, row.value, row.reason, row.final) for row in rows}
        assert last == {key: (a.kind, a.value, a.reason, a.final) for key, a in self.told.items()}
        assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))

    @invariant()
    def no_annotator_holds_an_item_twice(self) -> None:
        """Under leases that are live."""
        held = [
            (batch.annotator, pick.number)
            for batch in self.store.batches(PROJECT)
            for pick in batch.picks
            if pick.state == "open"
        ]
        assert len(held) == len(set(held))

    def teardown(self) -> None:
        """Compare what was written over the whole time, and close."""
        if not hasattr(self, "store"):
            return
        try:
            self.both(lambda store: store.answers(PROJECT))
            self.both(lambda store: store.rounds(PROJECT))
            self.both(
                lambda store: (
                    [replace(e, detail="") for e in store.log()] + [json.loads(e.detail) for e in store.log()]
                )
            )
            for number in range(8):
                self.both(lambda store, n=number: store.candidates(PROJECT, f"b{n}"))  # type: ignore[misc]
                self.both(lambda store, n=number: store.model(PROJECT, n))  # type: ignore[misc]
        finally:
            self.store.close()


def _outcome(call: Callable[[Store], object], store: Store) -> object:
    """What the call gives, or the kind of its error."""
    try:
        return call(store)
    except AlaasError as error:
        return type(error)


def _told(store: Store, told: list[NewAnswer], rule: Rule) -> object:
    """The receipts; of a refusal's reason only that there is one."""
    receipts = store.tell(PROJECT, told, rule=rule)
    assert all((receipt.reason is not None) == (receipt.outcome == "refused") for receipt in receipts)
    return [replace(receipt, reason=None) for receipt in receipts]


def _seen(store: Store, annotator: str, rule: Rule) -> object:
    """A snapshot in plain words."""
    seen = store.snapshot(PROJECT, annotator, rule=rule)
    arrays = (seen.numbers, seen.costs, seen.wanted, seen.touched, seen.begun)
    return [array.tolist() for array in arrays], seen.spent, seen.batches
