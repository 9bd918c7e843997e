"""ONNX Runtime on GPUs, with a library that only says it has them, and on chosen cores of the processor."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fake_onnxruntime import CPU, CUDA, TENSORRT, FakeRuntime

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.engines.onnxruntime import Onnxruntime
from alaas.errors import ConfigError, ModelError
from alaas.testing.engines import EngineSuite
from alaas.testing.models import write_image_model


def engine(**settings):
    return open_engine(EngineSettings(name="onnxruntime", **settings), threads=1)


def images(count=1, seed=0):
    return {"images": np.random.default_rng(seed).normal(size=(count, 3, 8, 8)).astype(np.float32)}


@pytest.fixture
def library(monkeypatch):
    def put(*providers, **options):
        runtime = FakeRuntime(*providers, **options)
        monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
        return runtime

    return put


class TestOnTwoFakeGpus(EngineSuite):
    @pytest.fixture(autouse=True)
    def _library(self, library):
        library(CUDA)

    def make(self):
        return engine(devices=["cuda:0", "cuda:1"])


class TestOnTwoReplicasOfTheProcessor(EngineSuite):
    def make(self):
        return engine(devices=["cpu", "cpu"])


def test_a_gpu_is_asked_for_by_number_with_the_options_of_the_configuration(tmp_path, library):
    runtime = library(CUDA)
    engine(devices=["cuda:1"], options={"gpu_mem_limit": 1000}).load(write_image_model(tmp_path / "m.onnx"))
    (name, options), *rest = runtime.asked[0]
    assert (name, options) == (CUDA, {"device_id": 1, "use_tf32": 0, "gpu_mem_limit": 1000})
    assert [name for name, _ in rest] == [CPU]


def test_tensorrt_falls_back_on_the_same_gpu_and_takes_fp16_where_it_is_asked_to(tmp_path, library):
    runtime = library(TENSORRT, CUDA)
    loaded = engine(devices=["tensorrt:2"], precision="fp16").load(write_image_model(tmp_path / "m.onnx"))
    assert loaded.precision == "fp16"
    assert [name for name, _ in runtime.asked[0]] == [TENSORRT, CUDA, CPU]
    assert runtime.asked[0][0][1] == {"device_id": 2, "trt_fp16_enable": True}
    assert runtime.asked[0][1][1]["device_id"] == 2


def test_without_a_gpu_build_the_message_says_which_package_to_install(tmp_path):
    with pytest.raises(ConfigError, match=r"cuda:0.*pip install onnxruntime-gpu"):
        engine(devices=["cuda:0"]).load(write_image_model(tmp_path / "m.onnx"))


def test_a_quiet_fall_back_to_the_processor_is_an_error(tmp_path, library):
    library(CUDA, broken=[CUDA])
    with pytest.raises(ConfigError, match=f"could not start {CUDA}"):
        engine(devices=["cuda:0"]).load(write_image_model(tmp_path / "m.onnx"))


def test_the_device_enters_the_key_once_whichever_replica_runs():
    assert engine(devices=["cuda:0"]).info == engine(devices=["cuda:0", "cuda:1"]).info
    assert engine(devices=["cuda:0"]).info.device == "cuda"
    assert engine(devices=["cuda:0"]).info != engine().info


def test_what_it_has_depends_on_the_build(library):
    assert Onnxruntime.available().devices == ("cpu",)
    library(TENSORRT, CUDA)
    found = Onnxruntime.available()
    assert found.devices == ("cpu", "cuda", "tensorrt")
    assert "fp16" in found.precisions


def test_every_gpu_gets_two_callers_and_the_processor_one_a_core():
    cores = len(os.sched_getaffinity(0))
    assert engine(devices=[f"cuda:{n}" for n in range(4 * cores)]).calls == 8 * cores
    assert engine().calls <= cores


@pytest.mark.parametrize("devices", [["cuda:x"], ["tpu"], ["cuda:0-1"], ["cpu:100000"], ["cpu:1-0"], []])
def test_what_is_not_a_device_is_refused(devices):
    with pytest.raises(ConfigError, match="devices"):
        engine(devices=devices)


def test_devices_of_two_kinds_are_refused():
    with pytest.raises(ConfigError, match="cpu and cuda"):
        engine(devices=["cpu", "cuda:0"])


def test_a_precision_that_the_file_is_not_stored_in_is_refused(tmp_path):
    with pytest.raises(ModelError, match="fp32, as it is stored"):
        engine(precision="fp16").load(write_image_model(tmp_path / "m.onnx"))


def test_both_gpus_work_and_the_failure_of_one_is_its_batches_alone(tmp_path, library):
    runtime = library(CUDA)
    model = engine(devices=["cuda:0", "cuda:1"]).load(write_image_model(tmp_path / "m.onnx"))
    runtime.sessions[1].fails = True

    def attempt(seed):
        batch = images(2, seed)
        try:
            return batch, model.run(batch)
        except ModelError as error:
            return batch, error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(40)))
    failed = [found for _, found in results if isinstance(found, ModelError)]
    assert len(failed) == runtime.sessions[1].calls == model.served[1] > 0
    assert all("CUDA failure" in error.message for error in failed)
    for batch, found in results:
        if not isinstance(found, ModelError):
            np.testing.assert_allclose(found["features"], batch["images"].mean(axis=(2, 3)), atol=1e-5)


def test_cores_bind_the_calling_thread_for_the_call_only(tmp_path):
    ours = sorted(os.sched_getaffinity(0))
    model = engine(devices=[f"cpu:{ours[-1]}"]).load(write_image_model(tmp_path / "m.onnx"))
    seen = []
    real = model.session

    class Watching:
        def run(self, names, feed):
            seen.append(os.sched_getaffinity(0))
            return real.run(names, feed)

    model.session = Watching()
    model.run(images())
    assert seen == [{ours[-1]}]
    assert sorted(os.sched_getaffinity(0)) == ours


def test_a_session_option_reaches_the_library_and_the_key(tmp_path):
    tuned = engine(options={"session.set_denormal_as_zero": "1"})
    tuned.load(write_image_model(tmp_path / "m.onnx"))
    assert tuned.info != engine().info
