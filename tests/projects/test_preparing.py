"""From new items to features: what is bad or there twice, and who waits for whom."""

import threading
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.config import Config
from alaas.encoders._onnx import OnnxEncoder
from alaas.errors import CancelledError
from alaas.projects import Project, Projects, _preparing
from alaas.stores.memory import Memory
from alaas.testing.models import write_image_model
from alaas.types import Item


def draw(path, number):
    shades = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Pillow.fromarray(shades).save(path)
    return Item(id=path.name, uri=str(path))


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(24):
        draw(folder / f"p{number:02}.png", number)
    return folder


@pytest.fixture
def config(tmp_path, pictures):
    write_image_model(tmp_path / "model.onnx")
    said = {
        "name": "noise",
        "modality": "image",
        "source": str(pictures),
        "model": {
            "name": str(tmp_path / "model.onnx"),
            "preprocess": {"size": 8, "resize": "squash"},
            "outputs": {"embeddings": "features", "logits": "logits"},
            "batch_size": 4,
        },
        "pipeline": {
            "decode_workers": 1,
            "encode_workers": 1,
        },  # in order, so that a stop comes where it is said
        "cache": {"directory": str(tmp_path / "features")},
    }
    return Config.model_validate(said)


@pytest.fixture
def store():
    with Memory() as store:
        yield store


@pytest.fixture
def project(config, store):
    with Project.open(config, store=store) as project:
        yield project


class Stopped:
    """Holds up the encoder from its call number ``first`` on, until ``go_on`` is set."""

    def __init__(self, monkeypatch, first):
        self.begun, self.go_on = threading.Event(), threading.Event()
        encode, calls = OnnxEncoder.encode, []

        def stopped(encoder, batch):
            calls.append(len(batch))
            if len(calls) >= first:
                self.begun.set()
                assert self.go_on.wait(20)
            return encode(encoder, batch)

        monkeypatch.setattr(OnnxEncoder, "encode", stopped)

    def behind(self, work):
        """Do ``work`` in a thread, as far as the encoder lets it."""
        thread = threading.Thread(target=work)
        thread.start()
        assert self.begun.wait(20)
        return thread


def states(project):
    return {state: count for state, count in project.status().states.items() if count}


def test_a_bad_picture_is_failed_with_the_reason_and_never_handed_out(project, pictures, tmp_path):
    (pictures / "bad.png").write_bytes(b"no picture at all")
    project.add(str(pictures))
    project.add([Item(id="gone", uri=str(tmp_path / "gone.png"))])
    batch = project.ask(100)
    assert len(batch.items) == 24
    assert not {"bad.png", "gone"} & {*batch.ids}
    assert states(project) == {"pool": 24, "failed": 2}
    reasons = {item.id: item.reason for item in project.store.items("noise", states={"failed"})}
    assert {*reasons} == {"bad.png", "gone"}
    assert all(reasons.values())


def test_the_same_content_under_another_id_is_a_duplicate_whenever_it_comes(project, pictures):
    project.prepare()
    copy = pictures / "copy.png"
    copy.write_bytes((pictures / "p03.png").read_bytes())
    project.add([Item(id="copy", uri=str(copy))])
    batch = project.ask(100)
    assert len(batch.items) == 24
    assert "copy" not in batch.ids
    assert states(project) == {"pool": 24, "duplicate": 1}
    (found,) = project.store.items("noise", states={"duplicate"})
    assert "p03.png" in found.reason


def test_items_that_are_there_stay_as_they_are_when_they_are_added_again(project, pictures):
    batch = project.ask(2)
    project.tell(batch.id, dict.fromkeys(batch.ids, "a"))
    added = project.add(str(pictures))
    assert (added.added, added.known) == (0, 24)
    assert states(project) == {"pool": 22, "labelled": 2}


def test_preparing_goes_on_where_it_was_cancelled(project, monkeypatch):
    encode, cancel, encoded = OnnxEncoder.encode, threading.Event(), []

    def counted(encoder, batch):
        found = encode(encoder, batch)
        encoded.append(len(batch))
        if len(encoded) == 3:
            time.sleep(0.5)  # so that what came before has left the line
            cancel.set()
            time.sleep(0.5)
        return found

    monkeypatch.setattr(OnnxEncoder, "encode", counted)
    with pytest.raises(CancelledError):
        project.prepare(cancel=cancel)
    first = sum(encoded)
    assert first < 24
    project.prepare()
    # A batch or two that were on their way are encoded again, but not all that was done.
    assert sum(encoded) < 24 + first
    assert len(project.ask(100).items) == 24


def test_a_server_hands_out_what_is_ready_while_the_rest_is_prepared(project, config, store, monkeypatch):
    served = Projects(config, store, trusted=True)
    ready = served.open("noise")
    monkeypatch.setattr(_preparing, "_SETTLING", 0.0)
    stopped = Stopped(monkeypatch, first=4)
    thread = stopped.behind(ready.prepare)
    try:
        until = time.monotonic() + 20
        while not ready._pool.table.ready:
            assert time.monotonic() < until
            time.sleep(0.02)
        batch = ready.ask(100)
        assert 0 < len(batch.items) < 24
    finally:
        stopped.go_on.set()
        thread.join()
    rest = ready.ask(100)
    assert len(batch.items) + len(rest.items) == 24
    served.close()


def test_items_that_come_do_not_hold_up_who_labels(project, config, store, monkeypatch, tmp_path):
    served = Projects(config, store, trusted=True)
    ready = served.open("noise")
    ready.prepare()
    ready.add([draw(tmp_path / f"late{number}.png", 100 + number) for number in range(4)])
    stopped = Stopped(monkeypatch, first=1)
    thread = stopped.behind(ready.prepare)
    try:
        batch = ready.ask(100)
        assert len(batch.items) == 24
    finally:
        stopped.go_on.set()
        thread.join()
    assert {*ready.ask(100).ids} == {f"late{number}.png" for number in range(4)}
    served.close()
