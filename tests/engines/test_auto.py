"""Engine auto: who wins, who is left out and why, and what is remembered."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fake_engines import FakeRegistry, fake_engine, honest
from PIL import Image

from alaas.config import Config, EngineSettings, SourceSettings
from alaas.cores import available_cores
from alaas.engines import forget_trials, kept_trials, open_engine, trials_directory
from alaas.engines.auto import Auto
from alaas.errors import ModelError
from alaas.selecting import Selector
from alaas.testing.models import write_image_model


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def engines(monkeypatch):
    """Take the place of every engine there is; each is as fast as it says, however busy the machine is."""

    def rate(runner, *_):
        runner.model.run(runner.feed)
        return 1 / max(runner.model.seconds, 1e-6)

    monkeypatch.setattr("alaas.engines._trial._calls_a_second", rate)

    def install(*kinds):
        monkeypatch.setattr("alaas.engines.registry", FakeRegistry({kind.name: kind for kind in kinds}))

    return install


@pytest.fixture
def model(tmp_path):
    return write_image_model(tmp_path / "model.onnx")


def example():
    return {"images": np.random.default_rng(0).normal(size=(2, 3, 8, 8)).astype(np.float32)}


def chosen(model, **settings):
    found = Auto.open(EngineSettings(name="auto", **settings), threads=1).settled(model, example).info
    return found.name, found.precision


def reasons():
    return {o.engine: o.reason for o in kept_trials()[-1].outcomes if o.reason}


def test_speed_is_measured_by_calls_side_by_side(model, monkeypatch):
    slow, quick = fake_engine("onnxruntime", seconds=0.2), fake_engine("quick", seconds=0.001)
    monkeypatch.setattr("alaas.engines.registry", FakeRegistry({"onnxruntime": slow, "quick": quick}))
    assert chosen(model) == ("quick", "stored")
    speeds = {outcome.engine: outcome.items_per_second for outcome in kept_trials()[0].outcomes}
    assert 0 < speeds["onnxruntime"] <= 2 * available_cores() / 0.2 + 1  # batches of two
    assert speeds["quick"] > speeds["onnxruntime"]


def test_the_fastest_wins(engines, model):
    engines(fake_engine("onnxruntime", seconds=0.01), fake_engine("quick"), fake_engine("slow", seconds=0.02))
    assert chosen(model) == ("quick", "stored")
    (record,) = kept_trials()
    speeds = {outcome.engine: outcome.items_per_second for outcome in record.outcomes}
    assert speeds["quick"] > speeds["onnxruntime"] > speeds["slow"] > 0
    assert (record.model, record.batch, record.engine) == (str(model), 2, "quick")


def test_an_engine_that_is_hardly_faster_does_not_displace_the_default(engines, model, monkeypatch):
    rates = {"onnxruntime": 100.0, "other": 104.0}
    monkeypatch.setattr(
        "alaas.engines._trial._calls_a_second", lambda runner, *_: rates[runner.candidate.engine]
    )
    engines(fake_engine("onnxruntime"), fake_engine("other"))
    assert chosen(model) == ("onnxruntime", "stored")
    forget_trials()
    rates["other"] = 106.0
    assert chosen(model) == ("other", "stored")


def test_lower_precision_is_used_only_where_it_is_allowed(engines, model):
    engines(
        fake_engine("onnxruntime", seconds=0.02),
        fake_engine("other", seconds=0.05, precisions=("stored", "bf16"), quick={"bf16": 0.001}),
    )
    assert chosen(model) == ("onnxruntime", "stored")
    assert chosen(model, allow=["int8"]) == ("onnxruntime", "stored")
    assert chosen(model, allow=["bf16"]) == ("other", "bf16")


def test_an_engine_that_computes_in_another_precision_than_asked_is_left_out(engines, model):
    engines(fake_engine("onnxruntime", seconds=0.02), fake_engine("liar", seconds=0.001, computes="bf16"))
    assert chosen(model) == ("onnxruntime", "stored")
    assert "computes in bf16, not in fp32" in reasons()["liar"]


def test_an_engine_that_knows_no_stored_is_asked_for_what_the_model_is_stored_in(engines, model):
    engines(fake_engine("onnxruntime", seconds=0.02), fake_engine("exact", precisions=("fp32", "bf16")))
    assert chosen(model) == ("exact", "fp32")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"fails": ModelError("the file is not to its taste")}, "not to its taste"),
        ({"fails": RuntimeError("segment")}, "RuntimeError: segment"),
        ({"outputs": lambda b: {k: v * np.nan for k, v in honest(b).items()}}, "not finite"),
        ({"outputs": lambda b: {k: v + 1 for k, v in honest(b).items()}}, "differ"),
        ({"outputs": lambda b: {"features": honest(b)["features"]}}, "gives nothing"),
        ({"outputs": lambda b: {k: v[:, :2] for k, v in honest(b).items()}}, "is expected"),
    ],
)
def test_an_engine_that_fails_is_skipped_with_its_reason(engines, model, broken, reason):
    engines(fake_engine("onnxruntime", seconds=0.01), fake_engine("broken", seconds=0.0, **broken))
    assert chosen(model) == ("onnxruntime", "stored")
    assert reason in reasons()["broken"]


def test_without_any_engine_the_error_says_of_each_why(engines, model):
    engines(
        fake_engine("onnxruntime", fails=ModelError("cannot load it")),
        fake_engine("other", fails=ModelError("nor can I")),
        fake_engine("absent", missing='run pip install "absent"'),
        fake_engine("torch-like", onnx=False),
    )
    with pytest.raises(ModelError, match=r"cannot load it.*nor can I.*pip install") as caught:
        chosen(model)
    assert "torch-like" not in caught.value.message
    assert kept_trials() == []


def test_what_was_found_is_kept_until_something_changes(engines, model):
    slow, quick = fake_engine("onnxruntime", seconds=0.01), fake_engine("quick")
    engines(slow, quick)
    chosen(model)
    loads = quick.loads
    assert chosen(model) == ("quick", "stored")
    assert quick.loads == loads
    engines(slow, fake_engine("quick", seconds=0.05, release="2"))
    assert chosen(model) == ("onnxruntime", "stored")
    assert len(kept_trials()) == 2
    write_image_model(model, beside="weights.bin")
    chosen(model)
    assert len(kept_trials()) == 3


def test_a_quantised_file_that_is_made_later_is_tried(model):
    assert chosen(model, allow=["int8"])[1] == "stored"
    quantized = model.with_name("model.int8.onnx")
    quantized.write_bytes(model.read_bytes())  # not really: it is refused, but it is tried
    chosen(model, allow=["int8"])
    assert len(kept_trials()) == 2


def test_on_gpus_two_calls_a_device_are_tried():
    devices = [f"cuda:{number}" for number in range(64)]
    assert Auto.open(EngineSettings(name="auto", devices=devices), threads=1).calls == 128
    assert open_engine("auto").calls is None


def test_a_kept_file_that_is_damaged_is_measured_again(engines, model):
    engines(fake_engine("onnxruntime", seconds=0.01), fake_engine("quick"))
    chosen(model)
    (file,) = trials_directory().glob("*.json")
    for damage in ("", "[]", "{}", json.dumps({"revision": 1, "engine": "quick"})):
        file.write_text(damage)
        assert chosen(model) == ("quick", "stored")
        assert json.loads(file.read_text())["engine"] == "quick"


def test_a_folder_that_cannot_be_written_costs_only_the_memory(engines, model, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    engines(fake_engine("onnxruntime", seconds=0.01), fake_engine("quick"))
    assert chosen(model) == ("quick", "stored")


def test_callers_at_the_same_time_make_one_trial(engines, model):
    quick = fake_engine("quick")
    engines(fake_engine("onnxruntime", seconds=0.01), quick)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: chosen(model), range(4))) == {("quick", "stored")}
    assert quick.loads == 1
    assert len(kept_trials()) == 1


def test_two_processes_at_once_choose_alike_and_leave_one_sound_file(model):
    code = (
        "import sys, numpy as np; from pathlib import Path; from alaas.config import EngineSettings\n"
        "from alaas.engines import open_engine\n"
        "e = open_engine(EngineSettings(name='auto', allow=['int8']))\n"
        "print(e.settled(Path(sys.argv[1]), lambda: {'images': np.ones((2, 3, 8, 8), np.float32)}).info)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(model)], stdout=subprocess.PIPE) for _ in range(2)
    ]
    said = {process.communicate(timeout=100)[0] for process in running}
    assert len(said) == 1
    assert len(kept_trials()) <= 1
    assert not list(trials_directory().glob(".making-*"))


def test_nobody_is_the_fastest_before_a_trial(model):
    with pytest.raises(ModelError, match="settled"):
        open_engine("auto").load(model)
    assert open_engine("auto").info.name == "auto"


def test_a_selection_names_the_engine_that_was_used(tmp_path, model):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 255, (6, 8, 8, 3), np.uint8)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    config = Config.model_validate(
        {"model": {"name": str(model), "engine": "auto", "preprocess": {"size": 8}}, "budget": 2}
    )
    with Selector(config) as selector:
        selection = selector.select(SourceSettings(uri=str(folder)), strategy="least_confidence")
    assert selection.provenance.encoder_fingerprint is not None
    assert " auto " not in selection.provenance.encoder_fingerprint
    assert "stored cpu" in selection.provenance.encoder_fingerprint
