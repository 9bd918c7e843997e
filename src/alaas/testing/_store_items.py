"""The suite of stores: items, their contents, and what may be handed out."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.stores import Finding, ItemState, NewItem, Rule, Store
from alaas.testing._store_scenes import (
    ONE,
    PROJECT,
    THREE,
    TWO,
    Clock,
    StoreScene,
    digest,
    hand,
    new_items,
    say,
    see,
    states,
)
from alaas.types import Item


class ItemTests(StoreScene):
    """Items, findings and snapshots."""

    def test_items_come_back_as_they_went_in(self, bare: Store) -> None:
        """Each kind of item, with odd texts and nested metadata; the content itself is not kept."""
        bare.create_project(PROJECT, "{}", actor="me")
        items = [
            Item(id="photos/ä b.jpg", uri="file:photos/ä b.jpg", cost=2.5, metadata={"a": [1, {"b": None}]}),
            Item(id="t", text="line\nline \U0001f33c 'x' %s"),
            Item(id="r", row={"width": 1.5, "name": "x", "ok": True, "none": None, "n": 3}),
            Item(id="c", uri="data:,abc", content=b"abc"),
        ]
        bare.add_items(PROJECT, [NewItem(item=item) for item in items], actor="me")
        rows = bare.items(PROJECT)
        assert [row.number for row in rows] == [0, 1, 2, 3]
        assert [row.item for row in rows[:3]] == items[:3]
        assert rows[3].item == Item(id="c", uri="data:,abc")
        assert all(
            (row.state, row.role, row.digest, row.label) == ("new", "pool", None, None) for row in rows
        )

    def test_what_was_given_can_be_changed_without_harm(self, bare: Store) -> None:
        """Neither what went in nor what came out is the store's own."""
        bare.create_project(PROJECT, "{}", actor="me")
        mine = {"tags": ["a"]}
        bare.add_items(PROJECT, [NewItem(item=Item(id="a", text="x", metadata=mine))], actor="me")  # type: ignore[arg-type]
        mine["tags"].append("b")
        bare.items(PROJECT)[0].metadata["tags"].append("c")  # type: ignore[union-attr]
        assert bare.items(PROJECT)[0].metadata == {"tags": ["a"]}

    def test_an_id_that_is_known_is_left_as_it_is(self, store: Store) -> None:
        """Within the call and between calls; new ones go to the end in their order."""
        again = [
            NewItem(item=Item(id="i3", text="other", cost=9.0)),
            *new_items("z", "a", "z"),
        ]
        added = store.add_items(PROJECT, again, actor="me")
        assert (added.added, added.known) == (2, 2)
        assert [row.id for row in store.items(PROJECT, after=9)] == ["z", "a"]
        assert [row.number for row in store.items(PROJECT, after=9)] == [10, 11]
        (old,) = store.items(PROJECT, ids=["i3"])
        assert (old.number, old.text, old.cost, old.state) == (3, None, 1.0, "pool")

    def test_thousands_of_items_go_in_at_once(self, store: Store) -> None:
        """All of them are there, in order, and pages put together give all."""
        ids = [f"n{n:05d}" for n in range(5000)]
        assert store.add_items(PROJECT, new_items(*ids), actor="me").added == 5000
        seen: list[str] = []
        after = 9
        while page := store.items(PROJECT, after=after, limit=2048):
            seen += [row.id for row in page]
            after = page[-1].number
        assert seen == ids
        assert len(store.items(PROJECT, ids=ids)) == 1000
        assert len(store.items(PROJECT, ids=ids, limit=10_000)) == 5000

    def test_items_are_found_by_state_id_number_and_role(self, store: Store) -> None:
        """Filters narrow each other down; what is not there is left out; the order is by number."""
        store.add_items(PROJECT, new_items("v0", "v1", role="validation", label="rose"), actor="me")

        def ids(**filters: object) -> list[str]:
            return [row.id for row in store.items(PROJECT, **filters)]  # type: ignore[arg-type]

        assert ids(role="validation") == ["v0", "v1"]
        assert ids(states=["new"]) == ["v0", "v1"]
        assert ids(states=[]) == []
        assert ids(states=["new", "pool"], after=8) == ["i9", "v0", "v1"]
        assert ids(ids=["v1", "i7", "nowhere", "i2", "i7"]) == ["i2", "i7", "v1"]
        assert ids(ids=["v1", "i7"], role="pool") == ["i7"]
        assert ids(ids=[]) == []
        assert ids(numbers=[11, 3, 99, -1, 3]) == ["i3", "v1"]
        assert ids(numbers=[11, 3], states=["new"], after=3, limit=5) == ["v1"]
        assert ids(ids=["i1", "i2"], numbers=[2, 3]) == ["i2"]
        assert ids(numbers=[2, 3, 4], after=2) == ids(ids=["i4", "i3", "i2"], after=2) == ["i3", "i4"]
        assert ids(limit=2) == ["i0", "i1"]
        assert ids(after=11) == []

    def test_a_finding_settles_a_new_item(self, bare: Store) -> None:
        """To the pool, to the failed ones, or labelled if it is there to measure; others wait."""
        bare.create_project(PROJECT, "{}", actor="me")
        bare.add_items(PROJECT, new_items("a", "b", "c"), actor="me")
        bare.add_items(PROJECT, new_items("v", role="validation", label="rose"), actor="me")
        findings = [
            Finding(number=0, digest=digest("a")),
            Finding(number=1, failure="not a picture"),
            Finding(number=3, digest=digest("v")),
            Finding(number=77, digest=digest("z")),
        ]
        bare.settle(PROJECT, findings)
        rows = bare.items(PROJECT)
        assert [row.state for row in rows] == ["pool", "failed", "new", "labelled"]
        assert [row.digest for row in rows] == [digest("a"), None, None, digest("v")]
        assert [row.reason for row in rows] == [None, "not a picture", None, None]
        assert rows[3].label == "rose"

    def test_a_content_that_is_there_is_a_duplicate(self, store: Store) -> None:
        """Of an item from before or from the same call; the reason names it."""
        store.add_items(PROJECT, new_items("x", "y", "z"), actor="me")
        contents = [(10, 4), (11, "fresh"), (12, "fresh")]
        store.settle(PROJECT, [Finding(number=n, digest=digest(content)) for n, content in contents])
        x, y, z = store.items(PROJECT, after=9)
        assert [x.state, y.state, z.state] == ["duplicate", "pool", "duplicate"]
        assert "'i4'" in (x.reason or "")
        assert "'y'" in (z.reason or "")
        assert x.digest == digest(4)

    def test_contents_are_compared_within_a_role_and_with_what_is_sound(self, store: Store) -> None:
        """A validation item is no duplicate of one in the pool; and the reason names the first."""
        store.add_items(PROJECT, new_items("v", "w", role="validation", label="rose"), actor="me")
        store.add_items(PROJECT, new_items("x", "y"), actor="me")
        store.settle(PROJECT, [Finding(number=n, digest=digest(0)) for n in (10, 11, 12, 13)])
        v, w, x, y = store.items(PROJECT, after=9)
        assert [v.state, w.state, x.state, y.state] == ["labelled", "duplicate", "duplicate", "duplicate"]
        assert "'v'" in (w.reason or "")
        assert "'i0'" in (y.reason or "")

    def test_a_duplicate_is_of_the_first_sound_item_that_has_the_content(self, store: Store) -> None:
        """Whichever got it first; skipped ones count, duplicates do not, nor does a content of the past."""
        say(store, "i6", kind="skip")
        store.add_items(PROJECT, new_items("u", "x", "y", "z"), actor="me")
        store.settle(PROJECT, [Finding(number=n, digest=digest("same")) for n in (5, 2, 10)])
        store.settle(PROJECT, [Finding(number=11, digest=digest(6))])
        u, x = store.items(PROJECT, ids=["u", "x"])
        assert (u.state, x.state) == ("duplicate", "duplicate")
        assert "'i2'" in (u.reason or "")
        assert "'i6'" in (x.reason or "")
        store.settle(PROJECT, [Finding(number=n, digest=digest("other")) for n in (2, 5)])
        store.settle(PROJECT, [Finding(number=n, digest=digest("same")) for n in (12, 13)])
        y, z = store.items(PROJECT, ids=["y", "z"])
        assert (y.state, z.state) == ("pool", "duplicate")
        assert "'y'" in (z.reason or "")

    def test_an_item_that_is_settled_keeps_its_state(self, store: Store) -> None:
        """A later look gives it the digest and no more, whatever it finds."""
        say(store, "i1")
        store.settle(PROJECT, [Finding(number=n, digest=digest("same")) for n in (1, 2, 3)])
        assert states(store)[1:4] == ["labelled", "pool", "pool"]
        assert [row.digest for row in store.items(PROJECT, numbers=[1, 2, 3])] == [digest("same")] * 3
        store.settle(PROJECT, [Finding(number=2, failure="gone")])
        assert states(store)[2] == "pool"
        assert store.items(PROJECT, numbers=[2])[0].reason is None

    def test_an_item_that_failed_may_be_looked_at_again(self, store: Store) -> None:
        """It fails for the newest reason, or goes the way of a new one."""
        store.add_items(PROJECT, new_items("x", "y"), actor="me")
        store.settle(PROJECT, [Finding(number=n, failure="timed out") for n in (10, 11)])
        store.settle(PROJECT, [Finding(number=10, failure="not found"), Finding(number=11, digest=digest(3))])
        x, y = store.items(PROJECT, after=9)
        assert (x.state, x.reason) == ("failed", "not found")
        assert (y.state, y.digest) == ("duplicate", digest(3))
        store.settle(PROJECT, [Finding(number=10, digest=digest("x"))])
        (x,) = store.items(PROJECT, ids=["x"])
        assert (x.state, x.reason) == ("pool", None)

    def test_a_snapshot_has_what_may_still_want_answers(self, store: Store) -> None:
        """Neither new, failed, labelled nor validation items; ascending, with their costs and dtypes."""
        store.add_items(PROJECT, [NewItem(item=Item(id="dear", text="x", cost=7.5))], actor="me")
        store.add_items(PROJECT, new_items("v", role="validation", label="rose"), actor="me")
        store.settle(PROJECT, [Finding(number=n, digest=digest(n)) for n in (10, 11)])
        store.add_items(PROJECT, new_items("new"), actor="me")
        say(store, "i0")
        say(store, "i1", kind="skip")
        seen = see(store)
        assert seen.numbers.tolist() == [2, 3, 4, 5, 6, 7, 8, 9, 10]
        assert seen.costs.tolist() == [1.0] * 8 + [7.5]
        assert seen.wanted.tolist() == [1] * 9
        assert not seen.touched.any()
        assert not seen.begun.any()
        assert (seen.spent, seen.batches) == (1, 0)
        assert [array.dtype for array in (seen.numbers, seen.costs, seen.wanted)] == [
            np.int64,
            np.float64,
            np.int16,
        ]
        assert [array.dtype for array in (seen.touched, seen.begun)] == [np.bool_, np.bool_]

    def test_an_empty_pool_has_an_empty_snapshot(self, bare: Store) -> None:
        """With arrays of no length."""
        bare.create_project(PROJECT, "{}", actor="me")
        seen = see(bare)
        assert [len(a) for a in (seen.numbers, seen.costs, seen.wanted, seen.touched, seen.begun)] == [0] * 5
        assert (seen.spent, seen.batches) == (0, 0)

    def test_a_snapshot_counts_labels_and_live_leases(self, store: Store, clock: Clock) -> None:
        """Of three wanted annotators: less who labelled, less who holds it; unsure ones count for nothing."""
        hand(store, "b1", [0, 1, 2, 3, 4], annotator="ann", rule=THREE)
        hand(store, "b2", [0, 1], annotator="bob", rule=THREE, lease=600)
        say(store, "i1", batch="b1", rule=THREE)
        say(store, "i2", batch="b1", kind="unsure", rule=THREE)
        say(store, "i3", batch="b1", kind="defer", rule=THREE)
        seen = see(store, "ann", rule=THREE)
        assert seen.numbers.tolist() == list(range(10))
        assert seen.wanted.tolist() == [1, 1, 3, 3, 2, 3, 3, 3, 3, 3]
        assert seen.touched.tolist() == [True, True, True, False, True] + [False] * 5
        assert seen.begun.tolist() == [False, True, True] + [False] * 7
        assert (seen.spent, seen.batches) == (4, 2)
        assert see(store, "bob", rule=THREE).touched.tolist() == [True, True] + [False] * 8
        clock.forward(60)
        seen = see(store, "ann", rule=THREE)
        assert seen.wanted.tolist() == [2, 1, 3, 3, 3, 3, 3, 3, 3, 3]
        assert seen.touched.tolist() == [False, True, True] + [False] * 7
        assert seen.spent == 3

    @pytest.mark.parametrize("rule", [ONE, TWO])
    def test_wanted_is_never_below_nought(self, store: Store, rule: Rule) -> None:
        """A rule that was made smaller leaves 0 and not less."""
        for name in ("ann", "bob", "cid"):
            hand(store, f"of-{name}", [0], annotator=name, rule=Rule(annotators=3))
        assert see(store, "dan", rule=rule).wanted[0] == 0

    def test_the_counts_add_up(self, store: Store, clock: Clock) -> None:
        """Every state is there, validation items stand apart, and a lease that ran out holds nothing."""
        store.add_items(PROJECT, new_items("v", "w", role="validation", label="rose"), actor="me")
        store.add_items(PROJECT, [NewItem(item=Item(id="dear", text="x", cost=4.5))], actor="me")
        store.settle(PROJECT, [Finding(number=10, digest=digest("v")), Finding(number=12, digest=digest(0))])
        hand(store, "b1", [0, 1, 2])
        say(store, "dear")
        say(store, "i0", batch="b1")
        say(store, "i9", kind="skip")
        counts = store.counts(PROJECT)
        expected: dict[ItemState, int] = dict.fromkeys(
            ("new", "pool", "partial", "labelled", "conflict", "skipped", "failed", "duplicate"), 0
        )
        assert dict(counts.states) == expected | {"pool": 8, "labelled": 2, "skipped": 1}
        assert (counts.validation, counts.items, counts.held, counts.batches) == (2, 13, 2, 1)
        assert (counts.sequence, counts.cost) == (3, 5.5)
        clock.forward(60)
        assert store.counts(PROJECT).held == 0
