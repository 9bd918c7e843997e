"""OpenVINO under the contract of every engine, at fp32 and at bf16, and what it asks of the library."""

import os
import subprocess
import sys

import numpy as np
import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ConfigError, ModelError
from alaas.testing.engines import EngineSuite
from alaas.testing.models import write_image_model, write_text_model

pytest.importorskip("openvino")

from alaas.engines.openvino import Openvino


def engine(threads=1, **settings):
    return open_engine(EngineSettings(name="openvino", **settings), threads=threads)


def has_bf16():
    return "bf16" in Openvino.available().precisions


class TestOpenvino(EngineSuite):
    def make(self):
        return engine()


class TestOpenvinoWithTwoThreads(EngineSuite):
    def make(self):
        return engine(threads=2, precision="fp32")


class TestOpenvinoOnTwoReplicas(EngineSuite):
    def make(self):
        return engine(devices=["cpu", "cpu"])


@pytest.mark.skipif(not has_bf16(), reason="this processor has no bf16")
class TestOpenvinoAtBf16(EngineSuite):
    tolerance = 2e-2

    def make(self):
        return engine(precision="bf16")


def images(count=1, seed=0):
    return {"images": np.random.default_rng(seed).normal(size=(count, 3, 8, 8)).astype(np.float32)}


def test_results_are_not_written_over_by_the_next_call(tmp_path):
    model = engine().load(write_image_model(tmp_path / "model.onnx"))
    first = model.run(images(2, seed=1))["features"]
    kept = first.copy()
    for seed in range(2, 12):
        model.run(images(2, seed=seed))
    np.testing.assert_array_equal(first, kept)


def test_the_batch_that_keeps_coming_gets_the_same_numbers_from_a_model_of_its_own(tmp_path):
    model = engine().load(write_image_model(tmp_path / "model.onnx"))
    batch = images(5)
    first = model.run(batch)
    for _ in range(8):
        model.run(images(2))
    assert not model._fixed
    for _ in range(20):
        again = model.run(batch)
    assert set(model._fixed) == {5}
    np.testing.assert_array_equal(first["logits"], again["logits"])
    assert model.run(images(3))["logits"].shape == (3, 3)


def test_texts_of_any_length_run_on_one_model(tmp_path):
    model = engine().load(write_text_model(tmp_path / "model.onnx"))
    for length in (3, 9, 4) * 4:
        tokens = {spec.name: np.ones((2, length), spec.dtype) for spec in model.inputs}
        for values in model.run(tokens).values():
            assert np.isfinite(values).all()
    assert not model._fixed


def test_stored_is_fp32_to_the_bit_and_never_what_the_library_likes_best(tmp_path):
    path = write_image_model(tmp_path / "model.onnx")
    stored, exact = engine().load(path), engine(precision="fp32").load(path)
    assert stored.precision == exact.precision == "fp32"
    np.testing.assert_array_equal(stored.run(images(4))["logits"], exact.run(images(4))["logits"])


@pytest.mark.skipif(not has_bf16(), reason="this processor has no bf16")
def test_bf16_says_so_and_has_a_key_of_its_own(tmp_path):
    lower = engine(precision="bf16")
    assert lower.load(write_image_model(tmp_path / "model.onnx")).precision == "bf16"
    assert lower.info != engine().info


def test_a_precision_that_the_device_would_change_without_a_word_is_refused(tmp_path):
    if "fp16" in Openvino.available().precisions:
        pytest.skip("this processor has fp16")
    with pytest.raises(ConfigError, match="fp16"):
        engine(precision="fp16").load(write_image_model(tmp_path / "model.onnx"))


def test_options_reach_the_library_and_the_cache_key(tmp_path):
    tuned = engine(options={"PERF_COUNT": True})
    assert tuned.info != engine().info
    tuned.load(write_image_model(tmp_path / "model.onnx"))
    with pytest.raises(ModelError, match="NO_SUCH"):
        engine(options={"NO_SUCH": 1}).load(write_image_model(tmp_path / "model.onnx"))


def test_a_device_that_is_not_there_is_named(tmp_path):
    if "gpu" in Openvino.available().devices:
        pytest.skip("this machine has a GPU for OpenVINO")
    with pytest.raises(ModelError, match="gpu:0"):
        engine(devices=["gpu"]).load(write_image_model(tmp_path / "model.onnx"))


def test_cores_bind_each_call_to_one_of_them(tmp_path):
    ours = sorted(os.sched_getaffinity(0))
    path, some = write_image_model(tmp_path / "model.onnx"), f"cpu:{ours[0]}-{ours[-1]}"
    if ours != list(range(ours[0], ours[-1] + 1)):
        pytest.skip("the cores of this process are not one range")
    model = engine(devices=[some]).load(path)
    for _ in range(2 * len(ours)):
        np.testing.assert_array_equal(
            model.run(images(3))["logits"], engine().load(path).run(images(3))["logits"]
        )
    assert sorted(os.sched_getaffinity(0)) == ours
    if len(ours) > 1:
        assert model.served == (2,) * len(ours)
    assert engine(devices=[some]).calls == len(ours)
    assert engine(devices=[some]).info == engine().info


def test_threads_of_a_call_cannot_be_bound(tmp_path):
    first = min(os.sched_getaffinity(0))
    with pytest.raises(ConfigError, match=r"model\.threads"):
        engine(devices=[f"cpu:{first}"], threads=2).load(write_image_model(tmp_path / "model.onnx"))


def test_weights_outside_the_folder_are_refused(tmp_path):
    folder = tmp_path / "model"
    path = write_image_model(folder / "model.onnx", beside="weights.bin")
    (folder / "weights.bin").rename(tmp_path / "secret.bin")
    (folder / "weights.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(ModelError, match="outside its own folder"):
        engine().load(path)


def test_weights_beside_the_model_are_welcome(tmp_path):
    whole = engine().load(write_image_model(tmp_path / "one.onnx"))
    split = engine().load(write_image_model(tmp_path / "model.onnx", beside="weights.bin"))
    np.testing.assert_array_equal(split.run(images())["logits"], whole.run(images())["logits"])


FIRST_CALLS = """
import sys, threading
from pathlib import Path
import numpy as np
from alaas.engines import open_engine

sys.setswitchinterval(1e-6)
model, together = open_engine("openvino").load(Path(sys.argv[1])), threading.Barrier(8)

def call():
    together.wait()
    model.run({"images": np.ones((1, 3, 8, 8), np.float32)})

threads = [threading.Thread(target=call) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_first_calls_of_a_process_may_come_from_many_threads_at_once(tmp_path):
    model = write_image_model(tmp_path / "model.onnx")
    for _ in range(3):  # each hung two times in three before one thread went first
        subprocess.run([sys.executable, "-c", FIRST_CALLS, str(model)], check=True, timeout=60)
