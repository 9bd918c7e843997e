"""The suite of stores: many threads at once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable

from alaas.errors import BudgetSpentError, TakenError, VersionError
from alaas.stores import NewAnswer, NewRound, Rule, Store
from alaas.testing._store_scenes import (
    ONE,
    PROJECT,
    TWO,
    Clock,
    StoreScene,
    fill,
    free,
    hand,
    new_items,
    say,
    see,
)


def at_once(*works: Callable[[], None]) -> None:
    """Run all of these in threads of their own; the first error of any is raised."""
    errors: list[BaseException] = []
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            gate.wait()
            work()
        except BaseException as error:  # noqa: BLE001  (a thread's error is the test's)
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class ThreadTests(StoreScene):
    """What must hold when calls come at the same moment."""

    def test_no_item_is_handed_out_twice_and_no_budget_overspent(self, bare: Store) -> None:
        """Annotators who choose at the same moment get different items, as many as the budget has."""
        fill(bare, 60)
        got: list[int] = []

        def ask(annotator: str) -> Callable[[], None]:
            chance = random.Random(annotator)

            def work() -> None:
                for turn in range(100):
                    open_to = free(bare, annotator)
                    numbers = chance.sample(open_to, min(3, len(open_to)))
                    try:
                        batch = hand(bare, f"{annotator}-{turn}", numbers, annotator=annotator, budget=41)
                    except TakenError:
                        continue
                    except BudgetSpentError:
                        if see(bare).spent > 38:
                            return
                        continue
                    got.extend(pick.number for pick in batch.picks)

            return work

        at_once(*(ask(name) for name in ("ann", "bob", "cid", "dan")))
        assert len(got) == len(set(got)) == 39
        assert see(bare).spent == bare.counts(PROJECT).held == 39
        ordinals = [batch.ordinal for batch in bare.batches(PROJECT)]
        assert ordinals == list(range(13))

    def test_two_annotators_get_an_item_and_not_three(self, store: Store) -> None:
        """Four ask for the same one."""
        taken: list[str] = []

        def ask(annotator: str) -> Callable[[], None]:
            def work() -> None:
                try:
                    hand(store, annotator, [3], annotator=annotator, rule=TWO)
                except TakenError:
                    taken.append(annotator)

            return work

        at_once(*(ask(name) for name in ("ann", "bob", "cid", "dan")))
        assert len(taken) == 2
        assert see(store, "eve", rule=TWO).wanted[3] == 0

    def test_one_batch_id_is_one_batch(self, store: Store) -> None:
        """The same call from four threads gives one answer."""
        seen: list[object] = []
        at_once(*[lambda: seen.append(hand(store, "b1", [1, 2]))] * 4)
        assert len(seen) == 4
        assert all(batch == seen[0] for batch in seen)
        assert see(store).batches == 1

    def test_every_acknowledged_label_is_there_once(self, store: Store) -> None:
        """Each thread tells everything twice, mixed; sequences are without gaps, receipts add up."""
        receipts: list[str] = []

        def tell(annotator: str) -> Callable[[], None]:
            names = [f"i{n}" for n in range(10)] * 2
            random.Random(annotator).shuffle(names)

            def work() -> None:
                for name in names:
                    receipt = say(store, name, annotator=annotator, rule=Rule(annotators=4))
                    receipts.append(receipt.outcome)

            return work

        at_once(*(tell(name) for name in ("ann", "bob", "cid", "dan")))
        assert Counter(receipts) == {"kept": 40, "same": 40}
        rows = store.answers(PROJECT)
        assert [row.sequence for row in rows] == list(range(1, 41))
        assert len({(row.item, row.annotator) for row in rows}) == 40
        assert store.counts(PROJECT).states["labelled"] == 10
        assert sum(entry.verb == "answers.tell" for entry in store.log(PROJECT)) == 40

    def test_the_same_answer_from_many_is_one(self, store: Store) -> None:
        """A retry that overtakes its first attempt changes nothing."""
        hand(store, "b1", range(10))
        answers = [NewAnswer(item=f"i{n}", annotator="ann", value="rose", batch="b1") for n in range(10)]
        seen: list[str] = []

        def work() -> None:
            seen.extend(receipt.outcome for receipt in store.tell(PROJECT, answers, rule=ONE))

        at_once(*[work] * 4)
        assert Counter(seen) == {"kept": 10, "same": 30}
        assert store.counts(PROJECT).sequence == 10

    def test_items_changes_and_rounds_come_one_after_another(self, store: Store) -> None:
        """Numbers without gaps, one winner for each version, every round."""
        versions: list[int] = []

        def work(name: str) -> Callable[[], None]:
            def run() -> None:
                for n in range(5):
                    store.add_items(PROJECT, new_items(f"shared{n}", f"{name}{n}"), actor=name)
                    version = store.project(PROJECT).version
                    try:
                        row = store.change_project(PROJECT, name, version=version, actor=name)
                        versions.append(row.version)
                    except VersionError:
                        pass
                    store.add_round(
                        PROJECT, NewRound(through=7, labels=7, summary="{}", model=b"m"), actor=name
                    )

            return run

        at_once(*(work(name) for name in ("ann", "bob", "cid")))
        rows = store.items(PROJECT)
        assert [row.number for row in rows] == list(range(10 + 5 + 15))
        assert len({row.id for row in rows}) == 30
        assert sorted(versions) == list(range(2, store.project(PROJECT).version + 1))
        assert [row.number for row in store.rounds(PROJECT)] == list(range(1, 15 + 1))
        sequences = [entry.sequence for entry in store.log(PROJECT)]
        assert sequences == sorted(set(sequences))

    def test_readers_see_whole_calls_only(self, store: Store, clock: Clock) -> None:
        """While batches come and go, what is held is a whole number of batches."""
        done = threading.Event()

        def write() -> None:
            for n in range(15):
                hand(store, f"b{n}", [1, 2, 3])
                store.release(PROJECT, f"b{n}", actor="ann")
            done.set()

        def read() -> None:
            while not done.is_set():
                assert store.counts(PROJECT).held in (0, 3)
                seen = see(store, "bob")
                assert int((seen.wanted == 0).sum()) in (0, 3)
                assert seen.spent == int((seen.wanted == 0).sum())

        def guarded() -> None:
            try:
                write()
            finally:
                done.set()

        at_once(guarded, read)
        assert store.now() >= clock.time
