"""What the doctor sees, on this machine and in a configuration."""

import numpy as np
import pytest
import yaml
from PIL import Image

from alaas.doctor import examine, extras, measure_engines
from alaas.engines import Availability, trials_directory
from alaas.engines.onnxruntime import Onnxruntime
from alaas.features.memory import MemoryCache
from alaas.settings import read_config
from alaas.testing.models import write_image_model


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ALAAS_STORE_URL")  # else it would win over the file's


@pytest.fixture
def write(tmp_path):
    """Write a configuration whose every part is there, but for what is said."""
    (tmp_path / "photos").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "photos" / "a.png")
    write_image_model(tmp_path / "tiny.onnx")

    def make(**changes):
        parts = {
            "source": "photos",
            "model": {"name": "tiny.onnx", "engine": "auto", "preprocess": {"size": 8}},
            "strategy": "margin",
            "store": "memory:",
        }
        path = tmp_path / "alaas.yaml"
        path.write_text(yaml.safe_dump({**parts, **changes}))
        return path

    return make


def group(diagnosis, title):
    return {f.name: f for g in diagnosis.groups if g.title == title for f in g.findings}


def test_a_machine_without_a_configuration_has_nothing_broken():
    diagnosis = examine()
    assert diagnosis.broken == ()
    machine = group(diagnosis, "machine")
    assert {"python", "processor", "cores", "memory", "scratch"} <= set(machine)
    assert machine["cores"].detail[0].isdigit()
    assert "cpu; stored" in group(diagnosis, "engines")["onnxruntime"].detail
    assert group(diagnosis, "runtimes")["local"].state == "good"


def test_an_engine_that_is_not_there_says_how_to_get_it(monkeypatch):
    missing = Availability(version=None, missing='run pip install "x"')
    monkeypatch.setattr(Onnxruntime, "available", classmethod(lambda cls: missing))
    found = group(examine(), "engines")["onnxruntime"]
    assert (found.state, found.mend) == ("absent", 'run pip install "x"')


def test_every_extra_names_its_packages():
    found = extras()
    assert "mlxtend" in found["demo"]
    assert group(examine(), "extras").keys() == found.keys()


def test_a_whole_configuration_is_good(write):
    diagnosis = examine(write())
    assert diagnosis.broken == ()
    parts = group(diagnosis, str(write()))
    assert {f.state for f in parts.values()} == {"good"}
    assert "image items" in parts["source"].detail
    assert " auto " not in parts["model"].detail


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("source", "nowhere", "nowhere"),
        ("source", "empty", "holds no items"),
        ("model", "absent.onnx", "absent.onnx"),
        ("store", "postgresql://me:secret@127.0.0.1:1/x", "cannot be"),
        ("store", "oracle://x", "no store has the scheme"),
        ("strategy", "margn", "did you mean 'margin'"),
        ("learner", "lineer", "did you mean 'linear'"),
        ("pipeline", {"runtime": "slurm"}, "unknown runtime"),
    ],
)
def test_what_is_broken_is_named_with_its_reason(write, tmp_path, part, value, said):
    (tmp_path / "empty").mkdir()
    diagnosis = examine(write(**{part: value}))
    name = "runtime" if part == "pipeline" else part
    found = {f.name: f for f in diagnosis.broken}[name]
    assert said in found.detail
    assert "secret" not in found.detail


def test_a_setting_that_is_wrong_is_the_finding(write):
    (found,) = examine(write(budgett=3)).broken
    assert (found.name, "budget" in found.detail) == ("settings", True)


def test_an_engine_that_is_configured_but_missing_is_broken(write, monkeypatch):
    missing = Availability(version=None, missing='run pip install "x"')
    monkeypatch.setattr(Onnxruntime, "available", classmethod(lambda cls: missing))
    found = {f.name: f for f in examine(write(model={"name": "tiny.onnx"})).broken}["engine"]
    assert found.mend == 'run pip install "x"'


def test_a_server_that_does_not_answer_is_the_models_trouble(write):
    engine = {"name": "open_inference", "url": "http://127.0.0.1:1", "model": "m", "retries": 0}
    path = write(model={"name": "m", "engine": engine})
    parts = group(examine(path), str(path))
    assert parts["engine"].state == "good"
    assert parts["model"].state == "broken"
    assert "http://127.0.0.1:1" in parts["model"].detail


def test_an_engine_that_is_configured_wrongly_is_broken(write):
    path = write(model={"name": "tiny.onnx", "engine": {"name": "onnxruntime", "devices": ["npu"]}})
    found = {f.name: f for f in examine(path).broken}["engine"]
    assert "npu" in found.detail


@pytest.mark.parametrize(("url", "state"), [(None, "doubtful"), ("s3://bucket/features", "broken")])
def test_a_cache_that_cannot_store_is_broken_if_it_was_named(write, monkeypatch, url, state):
    class Troubled(MemoryCache):
        trouble = "the disk is full"

    monkeypatch.setattr("alaas.doctor._keeping.open_cache", lambda _settings: Troubled(max_bytes=1))
    found = group(examine(write(cache={"url": url})), "kept between runs")["features"]
    assert (found.state, found.mend) == (state, "the disk is full")


def test_a_strategy_that_the_model_cannot_feed_is_doubtful(write):
    path = write(
        model={"name": "tiny.onnx", "preprocess": {"size": 8}, "outputs": {"embeddings": "features"}}
    )
    found = group(examine(path), str(path))["strategy"]
    assert found.state in ("good", "doubtful")


def test_measuring_forgets_what_was_found_and_tries_again(write):
    loaded = read_config(write())
    trials_directory().mkdir(parents=True)
    (trials_directory() / "old.json").write_text("{}")
    (said,) = measure_engines(loaded)
    assert "tiny.onnx: the fastest is" in said
    assert not (trials_directory() / "old.json").exists()
