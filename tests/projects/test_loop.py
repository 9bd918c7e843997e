"""Ask, tell, retrain, ask: the whole loop of one annotator."""

from __future__ import annotations

from pathlib import Path

import pytest

import alaas
from alaas.errors import (
    BatchNotFoundError,
    BudgetError,
    BudgetSpentError,
    ItemNotFoundError,
    NothingLeftError,
    ProjectConflictError,
    TakenError,
)
from alaas.projects import Defer, Skip, Unsure
from trees import CLASSES, Clock, Open


def test_the_loop_learns(open_project: Open, oracle) -> None:
    project = open_project()
    status = project.run(oracle, rounds=3, k=10)
    assert status.labels == 30
    assert status.round is not None
    assert status.round.fitted
    assert status.round.labels == 30
    assert status.round.metrics is not None
    assert status.round.metrics.accuracy > 0.6
    assert status.behind == 0
    assert status.cost == pytest.approx(45.0)
    assert sum(status.balance.values()) == 30


def test_the_first_batch_comes_without_labels_and_says_so(open_project: Open) -> None:
    batch = open_project().ask(5)
    assert [item.reason for item in batch.items] == ["warm-up"] * 5
    assert "k_means" in batch.strategy
    assert any("learned nothing yet" in note for note in batch.notes)
    assert batch.round is None
    assert batch.items[0].row is not None
    assert batch.items[0].guess is None


def test_once_it_has_learned_the_strategy_chooses(open_project: Open, oracle) -> None:
    project = open_project()
    first = project.ask(12)
    project.tell(first.id, oracle(first))
    second = project.ask(6)
    assert {item.reason for item in second.items} == {"strategy"}
    assert second.round == 1
    assert not {*first.ids} & {*second.ids}
    guess = second.items[0].guess
    assert guess is not None
    assert guess[0] in CLASSES
    # The margin strategy asks about what the learner is least sure of.
    assert guess[1] < 0.9


def test_open_batches_share_no_item(open_project: Open) -> None:
    project = open_project()
    batches = [project.ask(20) for _ in range(4)]
    handed = [item for batch in batches for item in batch.ids]
    assert len(handed) == len(set(handed)) == 80
    assert project.status().held == 80


def test_the_pool_runs_out_with_fewer_and_then_with_an_error(open_project: Open) -> None:
    project = open_project()
    assert len(project.ask(85).items) == 85
    rest = project.ask(10)
    assert len(rest.items) == 5
    assert any("5 could be given" in note for note in rest.notes)
    with pytest.raises(NothingLeftError, match="with others"):
        project.ask(1)


def test_pinned_items_come_first_and_excluded_ones_do_not_come(open_project: Open) -> None:
    project = open_project()
    batch = project.ask(4, pin=["t7", "t3"], exclude=[f"t{n}" for n in range(10, 90)])
    assert batch.ids[:2] == ["t7", "t3"]
    assert [item.reason for item in batch.items[:2]] == ["pinned", "pinned"]
    assert {*batch.ids} <= {f"t{n}" for n in range(10)}
    with pytest.raises(TakenError, match="t7"):
        project.ask(1, pin=["t7"])
    with pytest.raises(ItemNotFoundError, match="nowhere"):
        project.ask(1, pin=["nowhere"])


def test_the_budget_bounds_what_is_labelled_and_held(open_project: Open, oracle) -> None:
    project = open_project(budget=12)
    first = project.ask(8)
    second = project.ask(8)
    assert len(second.items) == 4
    with pytest.raises(BudgetSpentError, match="budget of 12"):
        project.ask(1)
    project.release(second.id)
    project.tell(first.id, oracle(first))
    assert project.status().remaining == 4
    assert len(project.ask(8).items) == 4


def test_an_expired_lease_gives_its_items_back(open_project: Open, clock: Clock, oracle) -> None:
    project = open_project()
    late = project.ask(90, lease=60)
    clock.time += 61
    again = project.ask(90)
    assert {*again.ids} == {*late.ids}
    told = project.tell(late.id, oracle(late))  # late answers count
    assert told.labels == 90
    assert not told.refused


def test_a_batch_id_gives_the_same_batch_again(open_project: Open) -> None:
    project = open_project()
    batch = project.ask(5, batch_id="b-1")
    assert project.ask(5, batch_id="b-1").ids == batch.ids
    assert project.status().batches == 1


def test_answers_may_be_partial_late_and_repeated(open_project: Open, truth) -> None:
    project = open_project()
    batch = project.ask(4)
    first, second, *_ = batch.ids
    assert project.tell(batch.id, {first: truth[first]}).kept == 1
    again = project.tell(batch.id, {first: truth[first], second: truth[second]})
    assert [receipt.outcome for receipt in again.receipts] == ["same", "kept"]
    assert again.labels == 2
    states = {item.id: item.state for item in project.batch(batch.id).items}
    assert states[first] == "answered"
    assert sum(state == "open" for state in states.values()) == 2


def test_a_wrong_label_is_refused_by_itself(open_project: Open, truth) -> None:
    project = open_project()
    batch = project.ask(2)
    first, second = batch.ids
    told = project.tell(batch.id, {first: "beach", second: truth[second], "nowhere": "ash"})
    assert [receipt.outcome for receipt in told.receipts] == ["refused", "kept", "refused"]
    assert "did you mean 'beech'" in (told.receipts[0].reason or "")
    assert told.labels == 1
    with pytest.raises(BatchNotFoundError):
        project.tell("no-such-batch", {first: "ash"})


def test_skipping_deferring_and_not_being_sure(open_project: Open) -> None:
    project = open_project()
    batch = project.ask(3)
    skipped, unsure, deferred = batch.ids
    project.tell(batch.id, {skipped: Skip("blank"), unsure: Unsure(), deferred: Defer("later")})
    states = project.status().states
    assert states["skipped"] == 1
    assert states["partial"] == 1
    rest = project.ask(90)
    assert skipped not in rest.ids
    assert unsure not in rest.ids  # not for the one who was not sure
    assert deferred in rest.ids
    second = project.ask(1, annotator="you")
    assert second.ids == [unsure]
    assert second.items[0].reason == "second opinion"


def test_a_batch_is_chosen_again_in_the_same_way(open_project: Open, oracle) -> None:
    project = open_project(strategy="badge", labelling={"audit": 0.2})
    batches = []
    for _ in range(3):
        batch = project.ask(8)
        batches.append(batch)
        project.tell(batch.id, oracle(batch))
    project.add([alaas.Item(id="new", row={"height": 9.0, "girth": 9.0})])
    project.ask(2)
    for batch in batches:
        replayed = project.replay(batch.id)
        assert replayed.ids == tuple(batch.ids)
        assert replayed.same


def test_two_projects_with_one_seed_pick_alike(trees: Path, oracle, tmp_path: Path) -> None:
    picks = []
    for _ in range(2):
        path = tmp_path / f"project-{len(picks)}.yaml"
        path.write_text(f"modality: table\nsource: {trees}\nstrategy: entropy\nstore: 'memory:'\n")
        with alaas.Project.open(path) as project:
            batches = []
            for _ in range(3):
                batch = project.ask(5)
                project.tell(batch.id, oracle(batch))
                batches.append(batch.ids)
            picks.append(batches)
    assert picks[0] == picks[1]


def test_items_come_at_any_time_and_once(open_project: Open) -> None:
    project = open_project()
    project.ask(5)
    added = project.add([alaas.Item(id="t1", row={"height": 0.0}), alaas.Item(id="x", row={"height": 5.0})])
    assert (added.added, added.known) == (1, 1)
    assert project.ask(1, pin=["x"]).ids == ["x"]


def test_the_same_content_is_there_once(open_project: Open) -> None:
    project = open_project()
    row = {"height": 1.25, "girth": 2.5}
    project.add([alaas.Item(id="one", row=row), alaas.Item(id="two", row=row)])
    project.prepare()
    states = project.status().states
    assert states["duplicate"] == 1


def test_a_project_is_another_one_with_another_source(open_project: Open, tmp_path: Path) -> None:
    open_project()
    other = tmp_path / "other.csv"
    other.write_text("id,height\na,1\nb,2\n")
    with pytest.raises(ProjectConflictError, match="another `name`"):
        open_project(source=str(other))
    assert open_project(strategy="entropy", budget=50).status().items == 90


@pytest.mark.parametrize("k", [0, -1, 2.5, True])
def test_a_batch_has_a_whole_number_of_items(open_project: Open, k) -> None:
    with pytest.raises(BudgetError):
        open_project().ask(k)


def test_retraining_does_nothing_when_nothing_is_new(open_project: Open, oracle) -> None:
    project = open_project()
    assert project.retrain() is None
    batch = project.ask(12)
    project.tell(batch.id, oracle(batch))
    first, second = project.retrain(), project.retrain()
    assert first is not None
    assert second is not None
    assert first.number == second.number == 1
    changed = open_project(learner={"name": "linear", "parameters": {}}, task={"classes": [*CLASSES, "elm"]})
    third = changed.retrain()
    assert third is not None
    assert third.number == 2
    assert "elm" in third.classes


def test_a_class_may_appear_later(open_project: Open, truth) -> None:
    project = open_project(task={})
    first = project.ask(20, pin=[f"t{n}" for n in range(0, 30, 3)] + [f"t{n}" for n in range(1, 31, 3)])
    project.tell(first.id, {item: truth[item] for item in first.ids})
    assert project.retrain().classes == ("ash", "beech")
    second = project.ask(5, pin=[f"t{n}" for n in range(2, 17, 3)])
    project.tell(second.id, {item: truth[item] for item in second.ids})
    known = project.retrain()
    assert known.classes == ("ash", "beech", "cedar")
    predicted = project.predict([alaas.Item(id="q", row={"height": 0.0, "girth": 4.2})])
    assert predicted[0].label == "cedar"
    assert sum(predicted[0].probabilities.values()) == pytest.approx(1.0, abs=1e-4)
