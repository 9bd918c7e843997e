"""Learners that take the items themselves: every round has features of its own."""

import threading
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.config import Config
from alaas.errors import CancelledError, LearnerError, UsageError
from alaas.projects import Project, Projects
from alaas.projects._provenance import BatchProvenance
from alaas.stores.memory import Memory
from alaas.testing.models import write_image_model
from alaas.types import Item
from edge_learner import EdgeLearner, Edges

CLASSES = ("lying", "standing")


def label(item):
    return CLASSES[int(item.removeprefix("p").removesuffix(".png")) % 2]


def labels(batch):
    return {item: label(item) for item in batch.ids}


def draw(path, number):
    """Stripes that lie or stand; the colour says nothing."""
    rng = np.random.default_rng(number)
    flat = np.tile([230.0, 30.0], 6)[:, None].repeat(12, axis=1)
    shades = (flat.T if number % 2 else flat) + rng.normal(scale=9, size=(12, 12))
    Pillow.fromarray(np.clip(shades, 0, 255).astype(np.uint8)).convert("RGB").save(path)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(40):
        draw(folder / f"p{number}.png", number)
    return folder


@pytest.fixture
def said(tmp_path, pictures):
    """A project's settings."""
    model = write_image_model(tmp_path / "model.onnx", size=12)
    preprocess = {"size": 12, "resize": "squash"}
    outputs = {"embeddings": "features", "logits": "logits"}
    return {
        "name": "stripes",
        "modality": "image",
        "source": str(pictures),
        "model": {"name": str(model), "preprocess": preprocess, "outputs": outputs},
        "strategy": "margin",
        "task": {"classes": list(CLASSES)},
        "learner": "edge_learner:EdgeLearner",
        "cache": {"directory": str(tmp_path / "features")},
    }


@pytest.fixture
def store():
    with Memory() as store:
        yield store


@pytest.fixture
def opened(said, store):
    """Opens the project as a library does, with settings that differ."""
    projects = []

    def make(**settings):
        project = Project.open(Config.model_validate({**said, **settings}), store=store)
        projects.append(project)
        return project

    yield make
    for project in projects:
        project.close()


@pytest.fixture
def served(said, store, opened):
    """Opens the project as a process of a server does, whose jobs retrain."""
    opened()  # so that it is there
    processes = []

    def make():
        config = Config.model_validate({"cache": said["cache"]})
        processes.append(Projects(config, store, trusted=True))
        return processes[-1].open("stripes")

    yield make
    for process in processes:
        process.close()


def fingerprint(project, batch):
    return BatchProvenance.read(project.store.batch("stripes", batch.id).provenance).encoder_fingerprint


def test_it_learns_what_the_encoder_does_not_tell_apart(opened):
    project = opened()
    first = project.ask(8)
    assert {item.reason for item in first.items} == {"warm-up"}
    assert first.items[0].guess is None
    project.tell(first.id, labels(first))
    second = project.ask(32)
    assert {item.reason for item in second.items} == {"strategy"}
    assert second.round == 1
    assert [item.guess[0] for item in second.items] == [label(item) for item in second.ids]


def test_each_round_has_features_of_its_own_and_batches_of_all_of_them_replay(opened):
    project = opened(strategy="k_center")
    batches = []
    for _ in range(3):
        batches.append(project.ask(5))
        project.tell(batches[-1].id, labels(batches[-1]))
    assert [batch.round for batch in batches] == [None, 1, 2]
    assert len({fingerprint(project, batch) for batch in batches}) == 3
    for batch in batches:
        replayed = project.replay(batch.id)
        assert replayed.same, replayed.differences
        assert replayed.differences == ()


def test_a_replay_says_which_candidates_are_gone(opened, pictures):
    project = opened(cache={"enabled": False})
    batch = project.ask(5)
    project.tell(batch.id, labels(batch))
    project.retrain()
    gone = next(item for item in project.store.items("stripes", states={"pool"}))
    (pictures / f"{gone.id}").unlink()
    replayed = project.replay(batch.id)
    assert any("1 of its 40 candidates cannot be read" in said for said in replayed.differences)


def test_without_validation_the_round_says_why_it_is_not_measured(opened):
    project = opened()
    status = project.run(labels, rounds=2, k=6)
    assert status.round.fitted
    assert status.round.metrics is None
    assert any("validation" in note for note in status.round.notes)


@pytest.mark.parametrize("on", ["validation", "audit"])
def test_it_is_measured_on_items_that_it_has_not_seen(opened, pictures, tmp_path, on):
    path = tmp_path / "known.csv"
    path.write_text("uri,kind\n" + "".join(f"{pictures}/p{n}.png,{label(f'p{n}.png')}\n" for n in range(9)))
    measured = {
        "validation": {"validation": {"uri": str(path), "label_column": "kind"}},
        "audit": {"labelling": {"audit": 0.5}},
    }[on]
    status = opened(**measured).run(labels, rounds=2, k=15)
    assert status.round.measured_on == on
    assert status.round.metrics.accuracy == 1.0
    assert status.round.notes == ()


def test_nothing_new_to_learn_makes_no_round(opened):
    project = opened()
    batch = project.ask(6)
    project.tell(batch.id, labels(batch))
    assert project.retrain() == project.retrain()
    assert len(project.rounds()) == 1


def test_who_opens_it_later_finds_the_network_and_its_features(opened, monkeypatch):
    project = opened()
    project.run(labels, rounds=1, k=8)
    project.close()

    def never(*_):
        raise AssertionError("it was computed before")

    monkeypatch.setattr(EdgeLearner, "fit_items", never)
    monkeypatch.setattr(Edges, "encode_items", never)
    batch = opened().ask(5)
    assert batch.round == 1
    assert [item.guess[0] for item in batch.items] == [label(item) for item in batch.ids]


def test_labelled_items_that_have_gone_are_left_out_and_counted(opened, pictures):
    project = opened()
    batch = project.ask(8)
    project.tell(batch.id, labels(batch))
    (pictures / batch.ids[0]).unlink()
    made = project.retrain()
    assert made.fitted
    assert made.labels == 8
    assert any(note.startswith("1 items with a label cannot be read") for note in made.notes)


def test_a_cancelled_retraining_makes_no_round(opened, monkeypatch):
    project, cancel = opened(), threading.Event()
    batch = project.ask(8)
    project.tell(batch.id, labels(batch))
    fit = EdgeLearner.fit_items

    def cancelled(learner, lesson, rng):
        cancel.set()
        return fit(learner, lesson, rng)

    monkeypatch.setattr(EdgeLearner, "fit_items", cancelled)
    with pytest.raises(CancelledError):
        project.retrain(cancel=cancel)
    assert project.rounds() == []


def test_labelling_goes_on_with_the_old_round_while_the_new_features_are_computed(served, monkeypatch):
    project = served()
    project.tell(None, {f"p{n}.png": label(f"p{n}.png") for n in range(6)})
    project.retrain()
    encode, begun, go_on = Edges.encode_items, threading.Event(), threading.Event()

    def slow(edges, inputs):
        if edges.features is not None and len(edges.targets) == 8:
            begun.set()
            assert go_on.wait(20)
        return encode(edges, inputs)

    monkeypatch.setattr(Edges, "encode_items", slow)
    project.tell(None, {f"p{n}.png": label(f"p{n}.png") for n in range(6, 8)})
    retraining = threading.Thread(target=project.retrain)
    retraining.start()
    try:
        assert begun.wait(20)
        batch = project.ask(5)
        assert batch.round == 1
        assert [item.guess[0] for item in batch.items] == [label(item) for item in batch.ids]
        assert [made.number for made in project.rounds()] == [1, 2]
    finally:
        go_on.set()
        retraining.join()
    assert project.ask(5).round == 2
    assert project.replay(batch.id).same


def test_features_that_were_cut_short_are_computed_later_without_another_round(opened, monkeypatch):
    project, cancel = opened(), threading.Event()
    batch = project.ask(8)
    project.tell(batch.id, labels(batch))
    encode = Edges.encode_items

    def cancelled(edges, inputs):
        if edges.features is not None:
            cancel.set()
            time.sleep(0.2)
        return encode(edges, inputs)

    with monkeypatch.context() as patched:
        patched.setattr(Edges, "encode_items", cancelled)
        with pytest.raises(CancelledError):
            project.retrain(cancel=cancel)
    assert len(project.rounds()) == 1
    assert project.ask(3).round == 1
    assert len(project.rounds()) == 1


def test_a_process_that_did_not_retrain_follows_without_holding_up_labelling(served, monkeypatch):
    one, other = served(), served()
    one.tell(None, {f"p{n}.png": label(f"p{n}.png") for n in range(6)})
    one.retrain()
    assert other.ask(2).round == 1
    one.tell(None, {f"p{n}.png": label(f"p{n}.png") for n in range(6, 8)})
    one.retrain()
    batch = other.ask(2)
    assert batch.round == 1
    assert [item.guess[0] for item in batch.items] == [label(item) for item in batch.ids]
    until = time.monotonic() + 20
    while other.ask(1).round == 1:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert one.ask(1).round == 2


def test_any_round_can_be_asked_about_items(opened, pictures):
    project = opened()
    project.run(labels, rounds=2, k=6)
    asked = [Item(id="a", uri=str(pictures / "p30.png")), Item(id="b", uri=str(pictures / "p31.png"))]
    for number in (None, 1, 2):
        said = project.predict(asked, round=number)
        assert [one.label for one in said] == ["lying", "standing"]
    missing = project.predict([Item(id="c", uri=str(pictures / "none.png"))])
    assert missing[0].failure


def test_its_network_is_not_exported_as_if_it_were_the_encoder(opened):
    project = opened()
    project.run(labels, rounds=1, k=6)
    with pytest.raises(UsageError, match="its framework exports it"):
        project.model()


def test_what_one_network_cannot_take_is_left_out_and_stays_in_the_pool(opened, pictures, said):
    Pillow.new("RGB", (12, 12)).save(pictures / "p99.png")
    preprocess = {"size": 12, "resize": "squash", "mean": (0, 0, 0), "std": (1, 1, 1)}
    project = opened(model={**said["model"], "preprocess": preprocess})
    first = project.ask(8, exclude=["p99.png"])
    project.tell(first.id, labels(first))
    rest = project.ask(40)
    assert "p99.png" not in rest.ids
    assert len(rest.items) == 32
    states = project.status().states
    assert (states["labelled"], states["pool"], states["failed"]) == (8, 33, 0)


def test_items_that_come_later_get_the_features_of_the_round(opened, tmp_path):
    project = opened()
    project.run(labels, rounds=1, k=8)
    path = tmp_path / "p77.png"
    draw(path, 77)
    project.add([Item(id="p77.png", uri=str(path))])
    batch = project.ask(1, pin=["p77.png"])
    assert batch.items[0].guess[0] == "standing"
    assert len(project.rounds()) == 1


def test_columns_that_are_learnt_anew_want_a_new_round(opened, store):
    project = opened(name="rows", modality="table", model="passthrough", source=None)
    rows = [Item(id=f"p{n}.png", row={"size": 10.0 * (n % 2) + n / 100}) for n in range(30)]
    project.add(rows[:20])
    project.run(labels, rounds=1, k=6)
    project.add(rows[20:])
    batch = project.ask(5)
    assert batch.round == 2
    assert [item.guess[0] for item in batch.items] == [label(item) for item in batch.ids]
    assert project.replay(batch.id).same


def test_the_learner_can_be_changed_and_changed_back(opened):
    for number, learner in enumerate(("linear", "edge_learner:EdgeLearner", "linear"), start=1):
        project = opened(learner=learner)
        batch = project.ask(6)
        project.tell(batch.id, labels(batch))
        assert project.retrain().fitted
        assert project.ask(2).round == project.rounds()[-1].number
        assert len(project.rounds()) >= number


def test_a_network_that_cannot_be_read_any_more_is_trained_anew(opened, monkeypatch, caplog):
    project = opened()
    project.run(labels, rounds=1, k=6)
    project.close()
    restore = EdgeLearner.restore

    def refuse(learner, data):
        if len(project.rounds()) < 2:
            raise LearnerError("its code has changed")
        return restore(learner, data)

    monkeypatch.setattr(EdgeLearner, "restore", refuse)
    batch = opened().ask(5)
    assert batch.round == 2
    assert "its code has changed" in caplog.text


@pytest.mark.torch
def test_a_torch_network_learns_inside_a_project(opened, pictures):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    parameters = {"module": "small_network:Small", "learning_rate": 0.01, "epochs": 30, "device": "cpu"}
    project = opened(learner={"name": "fine_tune", "parameters": parameters})
    batches = []
    for _ in range(2):
        batches.append(project.ask(12))
        project.tell(batches[-1].id, labels(batches[-1]))
    rest = project.ask(10)
    assert rest.round == 2
    right = [item.guess[0] == label(item.id) for item in rest.items]
    assert sum(right) >= 8
    for batch in (*batches, rest):
        assert project.replay(batch.id).same
    said = project.predict([Item(id="a", uri=str(pictures / "p30.png"))])
    assert said[0].label == "lying"
