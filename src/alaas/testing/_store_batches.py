"""The suite of stores: batches, their leases and the budget."""

from __future__ import annotations

import pytest

from alaas.errors import BatchNotFoundError, BudgetSpentError, TakenError
from alaas.stores import Finding, Pick, Store
from alaas.testing._store_scenes import (
    ONE,
    PROJECT,
    THREE,
    TWO,
    Clock,
    StoreScene,
    digest,
    free,
    hand,
    new_items,
    picks,
    say,
    see,
    states,
)


class BatchTests(StoreScene):
    """Handing out, extending, giving back."""

    def test_a_batch_comes_back_as_it_went_out(self, store: Store, clock: Clock) -> None:
        """Picks in the order given, with scores; ordinal 0; held until the lease ends."""
        made = hand(store, "b1", [4, 1, 3], lease=90)
        assert (made.id, made.ordinal, made.annotator) == ("b1", 0, "ann")
        assert (made.created, made.until) == (clock.time, clock.time + 90)
        assert made.provenance == '{"strategy": "b1"}'
        assert made.picks == (
            Pick(number=4, item="i4", score=None, state="open"),
            Pick(number=1, item="i1", score=0.125, state="open"),
            Pick(number=3, item="i3", score=0.375, state="open"),
        )
        assert store.batch(PROJECT, "b1") == made
        assert store.candidates(PROJECT, "b1") == b"b1"

    def test_the_same_id_is_the_same_batch(self, store: Store, clock: Clock) -> None:
        """Whatever else the second call says; nothing changes, not even when nothing is free any more."""
        made = hand(store, "b1", [1, 2], budget=2)
        before = store.log()
        clock.forward(1)
        assert hand(store, "b1", [1, 2], budget=2) == made
        assert hand(store, "b1", [5, 6, 7], annotator="bob", lease=5, budget=0) == made
        assert store.candidates(PROJECT, "b1") == b"b1"
        assert store.log() == before
        assert see(store).batches == 1

    def test_what_is_held_is_taken(self, store: Store) -> None:
        """By another annotator or by the same one; then the whole batch is refused."""
        hand(store, "b1", [1, 2])
        for annotator in ("ann", "bob"):
            with pytest.raises(TakenError, match="i2"):
                hand(store, "b2", [3, 2], annotator=annotator)
        assert free(store, "bob") == [0, 3, 4, 5, 6, 7, 8, 9]
        with pytest.raises(BatchNotFoundError):
            store.batch(PROJECT, "b2")
        assert hand(store, "b2", [3], annotator="bob").ordinal == 1

    def test_what_is_not_in_the_pool_is_taken(self, store: Store) -> None:
        """New, failed, duplicate, skipped, labelled, for validation, or not there at all."""
        store.add_items(PROJECT, new_items("new", "failed", "duplicate"), actor="me")
        store.add_items(PROJECT, new_items("v", role="validation", label="rose"), actor="me")
        findings = [Finding(number=11, failure="bad"), Finding(number=12, digest=digest(1))]
        store.settle(PROJECT, [*findings, Finding(number=13, digest=digest("v"))])
        say(store, "i0", kind="skip")
        say(store, "i1")
        assert states(store)[10:] == ["new", "failed", "duplicate", "labelled"]
        for number in (0, 1, 10, 11, 12, 13, 14, -1):
            with pytest.raises(TakenError):
                hand(store, f"b{number}", [5, number])
        assert see(store).batches == 0
        assert free(store) == [2, 3, 4, 5, 6, 7, 8, 9]

    def test_a_pick_stands_once_in_a_batch(self, store: Store) -> None:
        """Twice the same is taken."""
        with pytest.raises(TakenError, match="i1"):
            hand(store, "b1", [1, 2, 1])

    def test_as_many_annotators_as_the_rule_wants_get_an_item(self, store: Store) -> None:
        """Two hold it at once, a third is refused until one of them is unsure."""
        hand(store, "b1", [1], annotator="ann", rule=TWO)
        assert free(store, "ann", rule=TWO) == [0, 2, 3, 4, 5, 6, 7, 8, 9]
        hand(store, "b2", [1], annotator="bob", rule=TWO)
        with pytest.raises(TakenError):
            hand(store, "b3", [1], annotator="cid", rule=TWO)
        say(store, "i1", annotator="ann", kind="unsure", rule=TWO)
        with pytest.raises(TakenError):
            hand(store, "b4", [1], annotator="ann", rule=TWO)
        hand(store, "b3", [1], annotator="cid", rule=TWO)

    def test_a_lease_that_runs_out_frees_its_items(self, store: Store, clock: Clock) -> None:
        """At its end to the second; the batch shows it, and the same annotator may have them again."""
        hand(store, "b1", [1, 2], lease=60)
        say(store, "i2", batch="b1")
        clock.forward(59.5)
        assert picks(store.batch(PROJECT, "b1")) == ["open", "answered"]
        with pytest.raises(TakenError):
            hand(store, "b2", [1], annotator="bob")
        clock.forward(0.5)
        assert picks(store.batch(PROJECT, "b1")) == ["expired", "answered"]
        assert picks(store.batches(PROJECT)[0]) == ["expired", "answered"]
        assert free(store, "ann") == [0, 1, 3, 4, 5, 6, 7, 8, 9]
        assert picks(hand(store, "b2", [1], annotator="ann")) == ["open"]
        assert picks(store.batch(PROJECT, "b1")) == ["expired", "answered"]

    def test_the_budget_is_never_exceeded(self, store: Store, clock: Clock) -> None:
        """Labels and live leases count, each item once; what ends unlabelled gives its place back."""
        hand(store, "b1", [0, 1, 2], budget=5)
        say(store, "i0", batch="b1")
        with pytest.raises(BudgetSpentError, match="5"):
            hand(store, "b2", [3, 4, 5], budget=5)
        hand(store, "b2", [3, 4], budget=5, lease=600)
        with pytest.raises(BudgetSpentError):
            hand(store, "b3", [5], budget=5)
        say(store, "i3", kind="skip", batch="b2")
        hand(store, "b3", [5], budget=5, lease=600)
        clock.forward(60)
        hand(store, "b4", [6, 7], budget=5, lease=600)
        assert see(store).spent == 5
        with pytest.raises(BudgetSpentError):
            hand(store, "b5", [1], budget=5)

    def test_a_second_opinion_costs_no_budget(self, store: Store) -> None:
        """An item that counts as spent already may be handed out though nothing is left."""
        hand(store, "b1", [1], annotator="ann", rule=TWO, budget=2)
        hand(store, "b2", [1], annotator="bob", rule=TWO, budget=1)
        say(store, "i1", annotator="ann", rule=THREE)
        hand(store, "b3", [1], annotator="cid", rule=THREE, budget=0)
        with pytest.raises(BudgetSpentError):
            hand(store, "b4", [2], budget=1)

    def test_batches_are_listed_by_ordinal_page_by_page(self, store: Store) -> None:
        """Of everybody or of one annotator."""
        made = [hand(store, f"b{9 - n}", [n], annotator="ann" if n % 2 else "bob") for n in range(5)]
        assert [batch.ordinal for batch in made] == [0, 1, 2, 3, 4]
        assert store.batches(PROJECT) == made
        assert store.batches(PROJECT, after=1, limit=2) == made[2:4]
        assert store.batches(PROJECT, annotator="ann") == [made[1], made[3]]
        assert store.batches(PROJECT, annotator="ann", after=1) == [made[3]]
        assert store.batches(PROJECT, annotator="zoe") == []

    def test_an_unknown_batch_is_not_found(self, store: Store) -> None:
        """By any verb."""
        calls = (
            lambda: store.batch(PROJECT, "no-such"),
            lambda: store.candidates(PROJECT, "no-such"),
            lambda: store.extend(PROJECT, "no-such", 60, rule=ONE, budget=None, actor="me"),
            lambda: store.release(PROJECT, "no-such", actor="me"),
        )
        for call in calls:
            with pytest.raises(BatchNotFoundError, match="no-such"):
                call()

    def test_a_lease_is_extended_from_now(self, store: Store, clock: Clock) -> None:
        """For the open picks; what is answered or given back stays so."""
        hand(store, "b1", [1, 2, 3], lease=60)
        say(store, "i1", batch="b1")
        store.release(PROJECT, "b1", ["i2"], actor="ann")
        clock.forward(50)
        longer = store.extend(PROJECT, "b1", 60, rule=ONE, budget=None, actor="ann")
        assert longer.until == clock.time + 60
        assert picks(longer) == ["answered", "released", "open"]
        assert store.batch(PROJECT, "b1") == longer
        clock.forward(59)
        with pytest.raises(TakenError):
            hand(store, "b2", [3], annotator="bob")
        hand(store, "b2", [2], annotator="bob")

    def test_an_expired_pick_is_held_again_if_it_is_free(self, store: Store, clock: Clock) -> None:
        """Not when another holds it, has labelled it, or the same annotator has it in another batch."""
        hand(store, "b1", [1, 2, 3, 4], lease=60)
        clock.forward(60)
        hand(store, "b2", [2], annotator="bob", lease=100)
        hand(store, "b3", [4], annotator="ann", lease=600)
        say(store, "i3", annotator="bob")
        longer = store.extend(PROJECT, "b1", 60, rule=ONE, budget=None, actor="ann")
        assert picks(longer) == ["open", "expired", "expired", "expired"]
        assert free(store, "cid") == [0, 5, 6, 7, 8, 9]
        clock.forward(100)
        longer = store.extend(PROJECT, "b1", 60, rule=ONE, budget=None, actor="ann")
        assert picks(longer) == ["open", "open", "expired", "expired"]
        with pytest.raises(TakenError):
            hand(store, "b4", [2], annotator="bob")

    def test_extending_spends_no_more_than_the_budget(self, store: Store, clock: Clock) -> None:
        """Of the expired picks the first are held again, as many as the budget leaves room for."""
        hand(store, "b1", [7, 6, 5, 4], budget=4, lease=60)
        say(store, "i5", batch="b1", kind="unsure", rule=TWO)
        clock.forward(60)
        hand(store, "b2", [1, 2], annotator="bob", budget=4, lease=600)
        longer = store.extend(PROJECT, "b1", 60, rule=ONE, budget=4, actor="ann")
        assert picks(longer) == ["open", "expired", "answered", "expired"]
        assert see(store).spent == 4
        store.release(PROJECT, "b2", actor="bob")
        longer = store.extend(PROJECT, "b1", 60, rule=ONE, budget=4, actor="ann")
        assert picks(longer) == ["open", "open", "answered", "open"]

    def test_extending_what_counts_already_costs_no_budget(self, store: Store, clock: Clock) -> None:
        """A second opinion is held again though nothing is left."""
        hand(store, "b1", [1, 2], lease=60, rule=TWO)
        say(store, "i2", annotator="bob", rule=TWO)
        clock.forward(60)
        longer = store.extend(PROJECT, "b1", 60, rule=TWO, budget=1, actor="ann")
        assert picks(longer) == ["expired", "open"]

    def test_what_is_given_back_is_free_at_once(self, store: Store) -> None:
        """All open picks or those named; others, and ids from elsewhere, are passed over."""
        hand(store, "b1", [1, 2, 3, 4])
        say(store, "i1", batch="b1")
        given = store.release(PROJECT, "b1", ["i3", "i1", "i9", "nowhere"], actor="ann")
        assert picks(given) == ["answered", "open", "released", "open"]
        assert free(store, "bob") == [0, 3, 5, 6, 7, 8, 9]
        assert picks(store.release(PROJECT, "b1", [], actor="ann")) == picks(given)
        assert picks(store.release(PROJECT, "b1", actor="boss")) == ["answered"] + ["released"] * 3
        assert free(store, "ann") == [0, 2, 3, 4, 5, 6, 7, 8, 9]
        assert picks(hand(store, "b2", [3])) == ["open"]
        assert picks(store.batch(PROJECT, "b1")) == ["answered"] + ["released"] * 3

    def test_an_expired_pick_cannot_be_given_back(self, store: Store, clock: Clock) -> None:
        """It is free already, and stays expired."""
        hand(store, "b1", [1])
        clock.forward(60)
        assert picks(store.release(PROJECT, "b1", actor="ann")) == ["expired"]
