"""The suite of stores: answers, their history and what they decide."""

from __future__ import annotations

import json

import pytest

from alaas.errors import BatchNotFoundError
from alaas.stores import Decided, Finding, NewAnswer, Store, Value
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
    outcomes,
    picks,
    say,
    see,
    states,
)


class AnswerTests(StoreScene):
    """Telling, and what follows."""

    def test_an_answer_is_kept_with_all_it_says(self, store: Store, clock: Clock) -> None:
        """It ends the hold, labels the item and stands in the history."""
        hand(store, "b1", [1, 2])
        clock.forward(7)
        receipt = say(store, "i1", "Röse\n", batch="b1", reason="sure")
        assert (receipt.item, receipt.outcome, receipt.state, receipt.reason) == (
            "i1",
            "kept",
            "labelled",
            None,
        )
        (row,) = store.answers(PROJECT)
        assert (row.sequence, row.item, row.number, row.annotator) == (1, "i1", 1, "ann")
        assert (row.kind, row.value, row.reason, row.batch) == ("label", "Röse\n", "sure", "b1")
        assert (row.final, row.at) == (False, clock.time)
        assert picks(store.batch(PROJECT, "b1")) == ["answered", "open"]
        (item,) = store.items(PROJECT, ids=["i1"])
        assert (item.state, item.label) == ("labelled", "Röse\n")
        assert store.counts(PROJECT).held == 1

    @pytest.mark.parametrize("value", ["rose", "", (), ("rose",), ("a,b", "rose")])
    def test_a_label_is_one_class_or_several(self, store: Store, value: Value) -> None:
        """A text and a set of one are different things, and come back as what they are."""
        say(store, "i1", value)
        assert store.answers(PROJECT)[0].value == value
        assert store.items(PROJECT, ids=["i1"])[0].label == value
        assert store.decided(PROJECT) == [Decided(number=1, value=value)]

    def test_the_same_answer_again_changes_nothing(self, store: Store, clock: Clock) -> None:
        """However often it is told, and by whatever way."""
        hand(store, "b1", [1])
        say(store, "i1", batch="b1", reason="clear")
        before, rows = store.log(), store.answers(PROJECT)
        clock.forward(1)
        for batch in ("b1", None):
            receipt = say(store, "i1", batch=batch, reason="clear")
            assert (receipt.outcome, receipt.state) == ("same", "labelled")
        assert (store.log(), store.answers(PROJECT)) == (before, rows)

    def test_another_answer_replaces_the_first(self, store: Store) -> None:
        """In any part of it; the old one stays in the history."""
        say(store, "i1", "rose")
        assert say(store, "i1", "tulip").outcome == "revised"
        assert store.items(PROJECT, ids=["i1"])[0].label == "tulip"
        assert say(store, "i1", "tulip", reason="looked again").outcome == "revised"
        assert say(store, "i1", "tulip", reason="looked again", final=True).outcome == "revised"
        assert say(store, "i1", ("tulip",), reason="looked again", final=True).outcome == "revised"
        assert say(store, "i1", kind="skip").state == "skipped"
        assert [row.value for row in store.answers(PROJECT)] == [
            "rose",
            "tulip",
            "tulip",
            "tulip",
            ("tulip",),
            None,
        ]
        assert store.items(PROJECT, ids=["i1"])[0].label is None
        assert store.decided(PROJECT) == []

    def test_going_back_to_an_old_answer_is_a_revision(self, store: Store) -> None:
        """Only the current answer is compared."""
        for value, outcome in (("a", "kept"), ("b", "revised"), ("a", "revised"), ("a", "same")):
            assert say(store, "i1", value).outcome == outcome
        assert store.counts(PROJECT).sequence == 3

    def test_many_answers_in_one_call_have_their_receipts_in_order(self, store: Store) -> None:
        """About the same item too; what is bad is refused for itself."""
        hand(store, "b1", [1, 2, 3])
        store.add_items(PROJECT, new_items("v", role="validation", label="rose"), actor="me")
        answers = [
            NewAnswer(item="i1", annotator="ann", value="rose", batch="b1"),
            NewAnswer(item="nowhere", annotator="ann", value="rose"),
            NewAnswer(item="i4", annotator="ann", value="rose", batch="b1"),
            NewAnswer(item="v", annotator="ann", value="rose"),
            NewAnswer(item="i1", annotator="ann", value="rose", batch="b1"),
            NewAnswer(item="i1", annotator="ann", value="tulip", batch="b1"),
            NewAnswer(item="i2", annotator="bob", kind="unsure"),
            NewAnswer(item="i1", annotator="bob", value="tulip"),
        ]
        receipts = store.tell(PROJECT, answers, rule=TWO)
        assert outcomes(receipts) == [
            "kept",
            "refused",
            "refused",
            "refused",
            "same",
            "revised",
            "kept",
            "kept",
        ]
        assert [receipt.item for receipt in receipts] == [answer.item for answer in answers]
        assert [receipt.state for receipt in receipts] == [
            "partial",
            None,
            "pool",
            "new",
            "partial",
            "partial",
            "partial",
            "labelled",
        ]
        assert "nowhere" in (receipts[1].reason or "")
        assert "b1" in (receipts[2].reason or "")
        assert "validation" in (receipts[3].reason or "")
        assert [row.sequence for row in store.answers(PROJECT)] == [1, 2, 3, 4]
        entry = store.log(PROJECT)[-1]
        assert (entry.actor, entry.verb) == ("ann,bob", "answers.tell")
        assert json.loads(entry.detail) == {"kept": 3, "revised": 1, "refused": 3}

    def test_a_call_that_names_an_unknown_batch_writes_nothing(self, store: Store) -> None:
        """Not even the answers that came before it."""
        answers = [
            NewAnswer(item="i1", annotator="ann", value="rose"),
            NewAnswer(item="i2", annotator="ann", value="rose", batch="no-such"),
        ]
        before = store.log()
        with pytest.raises(BatchNotFoundError, match="no-such"):
            store.tell(PROJECT, answers, rule=ONE)
        assert (store.answers(PROJECT), store.log(), states(store)[1]) == ([], before, "pool")

    def test_a_call_that_only_refuses_writes_nothing(self, store: Store) -> None:
        """No line in the log either; nor does an empty one."""
        before = store.log()
        say(store, "nowhere")
        assert store.tell(PROJECT, [], rule=ONE) == []
        assert store.log() == before
        assert store.counts(PROJECT).sequence == 0

    def test_a_late_answer_counts(self, store: Store, clock: Clock) -> None:
        """After the lease, after giving back, and while another holds the item, whose hold stays."""
        hand(store, "b1", [1, 2, 3])
        store.release(PROJECT, "b1", ["i3"], actor="ann")
        clock.forward(60)
        hand(store, "b2", [1], annotator="bob")
        receipts = [say(store, item, batch="b1") for item in ("i1", "i2", "i3")]
        assert [(receipt.outcome, receipt.state) for receipt in receipts] == [("kept", "labelled")] * 3
        assert picks(store.batch(PROJECT, "b1")) == ["answered"] * 3
        assert picks(store.batch(PROJECT, "b2")) == ["open"]
        assert store.counts(PROJECT).held == 1
        assert see(store).spent == 3

    def test_an_answer_ends_every_hold_of_its_annotator_on_the_item(self, store: Store, clock: Clock) -> None:
        """In whatever batch, named or not; what others hold stays held."""
        hand(store, "b1", [1, 2])
        clock.forward(60)
        hand(store, "b2", [1], rule=TWO)
        hand(store, "b3", [1], annotator="bob", rule=TWO)
        say(store, "i1", batch="b1", rule=TWO)
        assert [picks(batch) for batch in store.batches(PROJECT)] == [
            ["answered", "expired"],
            ["answered"],
            ["open"],
        ]
        hand(store, "b4", [5])
        say(store, "i5")
        assert picks(store.batch(PROJECT, "b4")) == ["answered"]

    def test_an_answer_of_somebody_else_leaves_the_batch_held(self, store: Store) -> None:
        """It is kept, and the item is labelled, but the annotator of the batch has not answered."""
        hand(store, "b1", [1])
        assert say(store, "i1", annotator="bob", batch="b1").outcome == "kept"
        assert picks(store.batch(PROJECT, "b1")) == ["open"]

    def test_an_item_of_two_annotators_waits_for_both(self, store: Store) -> None:
        """Begun after the first, labelled once they agree, in conflict when they do not."""
        assert say(store, "i1", rule=TWO).state == "partial"
        assert store.items(PROJECT, ids=["i1"])[0].label is None
        assert free(store, "bob", rule=TWO)[1] == 1
        assert free(store, "ann", rule=TWO)[1] == 2
        assert say(store, "i1", annotator="bob", rule=TWO).state == "labelled"
        say(store, "i2", rule=TWO)
        assert say(store, "i2", "tulip", annotator="bob", rule=TWO).state == "conflict"
        assert store.decided(PROJECT) == [Decided(number=1, value="rose")]
        assert free(store, "cid", rule=TWO) == [0, 3, 4, 5, 6, 7, 8, 9]
        assert see(store, rule=TWO).spent == 2

    def test_a_conflict_keeps_what_everybody_said_until_it_is_settled(self, store: Store) -> None:
        """A final answer decides, whoever gives it; a revision may end the conflict too."""
        for item in ("i1", "i2"):
            say(store, item, rule=TWO)
            assert say(store, item, "tulip", annotator="bob", rule=TWO).state == "conflict"
        assert say(store, "i1", "lily", annotator="boss", final=True, rule=TWO).state == "labelled"
        assert store.items(PROJECT, ids=["i1"])[0].label == "lily"
        assert say(store, "i1", "daisy", annotator="cid", rule=TWO).state == "labelled"
        assert say(store, "i2", "rose", annotator="bob", rule=TWO).state == "labelled"
        assert [row.value for row in store.answers(PROJECT, items=["i1"])] == [
            "rose",
            "tulip",
            "lily",
            "daisy",
        ]
        assert store.decided(PROJECT) == [Decided(number=1, value="lily"), Decided(number=2, value="rose")]

    def test_the_latest_final_answer_decides(self, store: Store) -> None:
        """A revised one counts as given when it was revised."""
        say(store, "i1", "a", annotator="ann", final=True)
        say(store, "i1", "b", annotator="bob", final=True)
        assert store.items(PROJECT, ids=["i1"])[0].label == "b"
        say(store, "i1", "c", annotator="ann", final=True)
        assert store.items(PROJECT, ids=["i1"])[0].label == "c"
        assert say(store, "i1", annotator="bob", kind="skip", final=True).state == "skipped"

    def test_most_may_decide(self, store: Store) -> None:
        """Two of three; three different ones are a conflict only at the end."""
        for annotator, value, state in (("a", "rose", "partial"), ("b", "tulip", "partial")):
            assert say(store, "i1", value, annotator=annotator, rule=THREE).state == state
        assert say(store, "i1", "rose", annotator="c", rule=THREE).state == "labelled"
        assert store.items(PROJECT, ids=["i1"])[0].label == "rose"
        for annotator, value in (("a", "rose"), ("b", "tulip"), ("c", "lily")):
            receipt = say(store, "i2", value, annotator=annotator, rule=THREE)
        assert receipt.state == "conflict"

    def test_unsure_asks_somebody_else(self, store: Store) -> None:
        """The annotator is not asked again; another may be, and it counts against the budget."""
        hand(store, "b1", [1])
        assert say(store, "i1", kind="unsure", reason="blurred", batch="b1").state == "partial"
        assert 1 not in free(store, "ann")
        assert 1 in free(store, "bob")
        assert see(store).spent == 1
        assert store.answers(PROJECT)[0].reason == "blurred"

    def test_skip_takes_an_item_out_until_somebody_labels_it(self, store: Store) -> None:
        """It counts against no budget, and nobody is asked again."""
        assert say(store, "i1", kind="skip").state == "skipped"
        assert 1 not in free(store, "bob")
        assert see(store).spent == 0
        assert say(store, "i1", annotator="bob").state == "labelled"

    def test_defer_gives_an_item_back(self, store: Store) -> None:
        """The same annotator may have it again; it stands in the history and costs nothing."""
        hand(store, "b1", [1, 2])
        receipt = say(store, "i1", kind="defer", reason="later", batch="b1")
        assert (receipt.outcome, receipt.state) == ("kept", "pool")
        assert picks(store.batch(PROJECT, "b1")) == ["released", "open"]
        assert free(store) == [0, 1, 3, 4, 5, 6, 7, 8, 9]
        assert not see(store).begun.any()
        assert see(store).spent == 1
        hand(store, "b2", [1])
        assert say(store, "i1", kind="defer", reason="later", batch="b2").outcome == "same"
        assert picks(store.batch(PROJECT, "b2")) == ["released"]
        assert [row.kind for row in store.answers(PROJECT)] == ["defer"]
        assert say(store, "i1", batch="b1").outcome == "revised"
        assert picks(store.batch(PROJECT, "b1")) == ["answered", "open"]

    def test_defer_takes_back_what_was_said(self, store: Store) -> None:
        """The item stands as if this annotator had never answered."""
        say(store, "i1", "rose", rule=TWO)
        say(store, "i1", "tulip", annotator="bob", rule=TWO)
        assert say(store, "i1", annotator="bob", kind="defer", rule=TWO).state == "partial"
        receipt = say(store, "i1", kind="defer", rule=TWO)
        assert (receipt.outcome, receipt.state) == ("revised", "pool")
        assert store.items(PROJECT, ids=["i1"])[0].label is None
        assert 1 in free(store, "ann")
        assert see(store).spent == 0

    def test_what_nobody_has_looked_at_can_be_answered(self, store: Store) -> None:
        """New, failed and duplicate items; taken back, they are where a look would find them."""
        store.add_items(PROJECT, new_items("new", "failed", "duplicate"), actor="me")
        store.settle(PROJECT, [Finding(number=11, failure="bad"), Finding(number=12, digest=digest(1))])
        kinds = ("new", "failed", "duplicate")
        assert [say(store, item, kind="defer").state for item in kinds] == list(kinds)
        assert store.items(PROJECT, ids=["failed"])[0].reason == "bad"
        assert [say(store, item).state for item in kinds] == ["labelled"] * 3
        assert [row.reason for row in store.items(PROJECT, ids=kinds)] == [None] * 3
        assert [row.number for row in store.decided(PROJECT)] == [10, 11, 12]
        store.settle(PROJECT, [Finding(number=10, digest=digest("new"))])
        assert states(store)[10] == "labelled"
        assert [say(store, item, kind="defer").state for item in kinds] == ["pool", "new", "pool"]

    def test_the_history_is_read_page_by_page(self, store: Store) -> None:
        """Of all items or of some; sequences are without gaps."""
        for n in range(6):
            say(store, f"i{n % 3}", f"c{n}")
        rows = store.answers(PROJECT)
        assert [(row.sequence, row.value) for row in rows] == [(n + 1, f"c{n}") for n in range(6)]
        assert store.answers(PROJECT, after=2, limit=3) == rows[2:5]
        assert store.answers(PROJECT, items=["i1", "nowhere"]) == [rows[1], rows[4]]
        assert store.answers(PROJECT, items=["i1", "i2"], after=2, limit=2) == [rows[2], rows[4]]
        assert store.answers(PROJECT, items=[]) == []

    def test_decided_items_are_listed_by_role(self, store: Store) -> None:
        """By number; a validation item once it is sound, with the label that it came with."""
        store.add_items(PROJECT, new_items("v", "w", role="validation", label=("a", "b")), actor="me")
        store.add_items(PROJECT, new_items("blank", role="validation"), actor="me")
        store.settle(PROJECT, [Finding(number=n, digest=digest(n)) for n in (11, 12)])
        say(store, "i7", "late")
        say(store, "i2", "early")
        assert store.decided(PROJECT) == [Decided(number=2, value="early"), Decided(number=7, value="late")]
        assert store.decided(PROJECT, role="validation") == [Decided(number=11, value=("a", "b"))]

    def test_calls_that_are_told_together_are_told_one_after_another(self, store: Store) -> None:
        """Each has its own outcome and its own line in the log; one that is refused takes none with it."""
        hand(store, "b1", [1, 2])
        before = store.log(PROJECT)
        calls = [
            [NewAnswer(item="i1", annotator="ann", value="rose", batch="b1")],
            [NewAnswer(item="i2", annotator="bob", value="rose", batch="no-such-batch")],
            [NewAnswer(item="i1", annotator="ann", value="tulip"), NewAnswer(item="no", annotator="ann")],
            [NewAnswer(item="i1", annotator="ann", value="tulip")],
        ]
        told = store.tell_all(PROJECT, calls, rule=ONE)
        assert isinstance(told[1], BatchNotFoundError)
        assert [
            [receipt.outcome for receipt in one] for one in told if not isinstance(one, BatchNotFoundError)
        ] == [["kept"], ["revised", "refused"], ["same"]]
        assert [row.value for row in store.answers(PROJECT)] == ["rose", "tulip"]
        assert store.decided(PROJECT) == [Decided(number=1, value="tulip")]
        lines = store.log(PROJECT)[len(before) :]
        assert [(line.verb, line.actor) for line in lines] == [("answers.tell", "ann")] * 2
        assert [json.loads(line.detail)["revised"] for line in lines] == [0, 1]

    def test_no_calls_told_together_change_nothing(self, store: Store) -> None:
        """Neither none at all, nor empty ones."""
        before = store.log(PROJECT)
        assert store.tell_all(PROJECT, [], rule=ONE) == []
        assert store.tell_all(PROJECT, [[], []], rule=ONE) == [[], []]
        assert store.log(PROJECT) == before
