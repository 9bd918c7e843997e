"""What a project learns, and how it is measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import alaas
from alaas.errors import LabelError, RoundNotFoundError, UnknownNameError, UsageError
from alaas.projects._choosing import in_audit, least_sure
from trees import CLASSES, Open


def test_labels_that_come_with_the_items_count(
    open_project: Open, trees: Path, truth, tmp_path: Path
) -> None:
    path = tmp_path / "known.csv"
    lines = trees.read_text().splitlines()
    rows = [f"{line},{truth[line.split(',')[0]] if n % 3 == 0 else ''}" for n, line in enumerate(lines[1:])]
    path.write_text("\n".join([f"{lines[0]},species", *rows]) + "\n")
    project = open_project(source={"uri": str(path), "label_column": "species"}, labelling={"annotators": 2})
    assert project.status().labels == 30
    assert "species" not in (project.ask(1).items[0].row or {})
    learned = project.retrain()
    assert learned is not None
    assert learned.labels == 30


def test_validation_items_measure_and_are_never_handed_out(
    open_project: Open, trees: Path, truth, tmp_path: Path, oracle
) -> None:
    rng = np.random.default_rng(3)
    path = tmp_path / "validation.csv"
    heaps = {"ash": (0, 0), "beech": (4, 0), "cedar": (0, 4)}
    rows = [
        f"v{n},{heaps[CLASSES[n % 3]][0] + rng.normal():.3f},{heaps[CLASSES[n % 3]][1] + rng.normal():.3f},"
        f"{CLASSES[n % 3]}"
        for n in range(60)
    ]
    path.write_text("\n".join(["id,height,girth,species", *rows]) + "\n")
    project = open_project(validation={"uri": str(path), "label_column": "species"})
    status = project.run(oracle, rounds=3, k=12)
    assert status.validation == 60
    assert status.items == 150
    assert status.round is not None
    assert status.round.measured_on == "validation"
    assert status.round.metrics is not None
    assert status.round.metrics.count == 60
    assert status.round.metrics.accuracy > 0.7
    assert set(status.round.metrics.per_class) == set(CLASSES)
    rest = project.ask(90)
    assert not [item for item in rest.ids if item.startswith("v")]


def test_the_audit_slice_measures_and_is_not_learned_from(open_project: Open, oracle) -> None:
    project = open_project(labelling={"audit": 0.4})
    status = project.run(oracle, rounds=4, k=20)
    assert status.round is not None
    assert status.round.measured_on == "audit"
    assert status.round.metrics is not None
    audited = in_audit(0, np.arange(90), 0.4)
    assert 20 < audited.sum() < 52
    assert status.round.metrics.count == audited[:90].sum() - sum(
        audited[int(item.id[1:])] for item in project.store.items("trees", states={"pool"})
    )


def test_the_audit_slice_is_the_same_however_many_items_there_are() -> None:
    few, many = in_audit(5, np.arange(50), 0.3), in_audit(5, np.arange(5000), 0.3)
    assert (few == many[:50]).all()
    assert 0.25 < many.mean() < 0.35
    assert not in_audit(5, np.arange(50), 0.0).any()


def test_a_multi_label_task(open_project: Open, trees: Path) -> None:
    project = open_project(task={"kind": "multi-label", "classes": ["tall", "thick"]}, strategy="entropy")
    rows = {
        f"t{n}": [float(cell) for cell in line.split(",")[1:3]]
        for n, line in enumerate(trees.read_text().splitlines()[1:])
    }
    names = {
        item: [name for name, value in zip(("tall", "thick"), row, strict=True) if value > 2]
        for item, row in rows.items()
    }
    status = project.run(lambda batch: {item: names[item] for item in batch.ids}, rounds=3, k=15)
    assert status.labels == 45
    assert status.round is not None
    assert status.round.classes == ("tall", "thick")
    predicted = project.predict(
        [
            alaas.Item(id="a", row={"height": 5.0, "girth": 0.0}),
            alaas.Item(id="b", row={"height": 0.0, "girth": 0.0}),
        ]
    )
    assert predicted[0].label == ("tall",)
    assert predicted[1].label == ()
    told = project.tell(None, {"t0": "tall"})  # type: ignore[dict-item]
    assert told.receipts[0].outcome == "refused"
    assert "list" in (told.receipts[0].reason or "")


def test_the_least_sure_class_stands_for_an_item_of_many() -> None:
    probabilities = np.array([[0.9, 0.45], [0.02, 0.99]], dtype=np.float32)
    reduced = least_sure(probabilities)
    assert reduced[0] == pytest.approx([0.55, 0.45])
    assert reduced[1] == pytest.approx([0.98, 0.02])


def test_a_strategy_that_projects_cannot_feed_is_refused_at_once(open_project: Open) -> None:
    with pytest.raises(UsageError, match="answers"):
        open_project(strategy="active_lab")
    with pytest.raises(UsageError, match="multi-label"):
        open_project(name="other", strategy="galaxy", task={"kind": "multi-label"})


@pytest.mark.parametrize(
    "strategy",
    ["random", "k_center", "badge", "bald", "galaxy", "margin >> k_center", "balanced(margin)", "alfa_mix"],
)
def test_strategies_of_every_need_choose_and_replay(open_project: Open, oracle, strategy: str) -> None:
    project = open_project(strategy=strategy)
    first = project.ask(15)
    project.tell(first.id, oracle(first))
    second = project.ask(5)
    assert len(second.items) >= 1
    assert {item.reason for item in second.items} == {"strategy"}
    assert project.replay(second.id).same


def test_a_learner_that_is_not_there_is_named(open_project: Open) -> None:
    with pytest.raises(UnknownNameError, match="linear"):
        open_project(learner="liner")


def test_nothing_is_predicted_before_something_is_learned(open_project: Open) -> None:
    with pytest.raises(RoundNotFoundError, match="learned nothing"):
        open_project().predict([alaas.Item(id="a", row={"height": 1.0})])


def test_an_item_that_cannot_be_read_is_predicted_as_such(open_project: Open, oracle) -> None:
    project = open_project()
    project.run(oracle, rounds=1, k=12)
    said = project.predict([alaas.Item(id="a", text="not a row"), alaas.Item(id="b", row={"height": 4.0})])
    assert said[0].label is None
    assert said[0].failure
    assert said[1].label in CLASSES


def test_validation_without_labels_is_refused(open_project: Open, trees: Path) -> None:
    with pytest.raises(alaas.AlaasError, match="label_column"):
        open_project(validation=str(trees))


def test_a_label_in_a_source_that_the_task_does_not_have_is_named(open_project: Open, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("id,height,species\na,1,oak\n")
    with pytest.raises(LabelError, match="oak"):
        open_project(source={"uri": str(path), "label_column": "species"})
