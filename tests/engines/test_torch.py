"""Torch under the contract of every engine, what it refuses to open, and what it asks of a machine."""

import io
import json
import os
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.engines.torch import Torch
from alaas.errors import ConfigError, ModelError
from alaas.testing.engines import EngineSuite

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")


@cache
def program():
    """The bytes of a small exported program: to export one takes a second."""
    from torch_models import write_program

    return write_program(Path(mkdtemp()) / "model.pt2").read_bytes()


def written(folder):
    path = folder / "model.pt2"
    path.write_bytes(program())
    return path


class TorchSuite(EngineSuite):
    def write(self, folder):
        return written(folder)


class TestTorch(TorchSuite):
    def make(self):
        return Torch()


class TestTorchInBf16(TorchSuite):
    tolerance = 0.05

    def make(self):
        return open_engine(EngineSettings(name="torch", precision="bf16"))


class TestTwoReplicas(TorchSuite):
    def make(self):
        return open_engine(EngineSettings(name="torch", devices=["cpu", "cpu"]))

    def test_each_does_a_part(self, model):
        batches = [self.batch(2, seed) for seed in range(20)]
        with ThreadPoolExecutor(4) as pool:
            for batch, found in zip(batches, pool.map(model.run, batches), strict=True):
                self.check(found, batch)
        assert sum(model.served) == 20
        assert min(model.served) >= 1


class TestOnSomeCores(TorchSuite):
    def make(self):
        core = min(os.sched_getaffinity(0))
        return open_engine(EngineSettings(name="torch", devices=[f"cpu:{core}"]))


def images(count=2):
    return {"images": np.random.default_rng(0).normal(size=(count, 3, 8, 8)).astype(np.float32)}


def test_bf16_computes_in_bf16_and_nothing_else_does(tmp_path):
    full = Torch(precision="fp32").load(written(tmp_path))
    half = Torch(precision="bf16").load(written(tmp_path))
    assert (full.precision, half.precision) == ("fp32", "bf16")
    exact, rounded = full.run(images())["logits"], half.run(images())["logits"]
    assert 0 < np.abs(exact - rounded).max() < 0.05
    assert rounded.dtype == np.float32


def test_read_only_input_is_welcome(tmp_path):
    batch = images()
    batch["images"].setflags(write=False)
    assert len(Torch().load(written(tmp_path)).run(batch)["logits"]) == 2


def test_each_thread_computes_with_the_threads_that_were_asked_for(tmp_path):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        model = Torch(threads=1).load(written(tmp_path))
        found = []

        def work():
            model.run(images())
            found.append(torch.get_num_threads())

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1, 1, 1]
    finally:
        torch.set_num_threads(before)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_pickles_are_refused_with_a_way_to_save(tmp_path):
    for name, save in (
        ("whole.pt", torch.save),
        ("script.pt2", lambda m, p: torch.jit.save(torch.jit.script(m), p)),
    ):
        save(torch.nn.Linear(2, 2), tmp_path / name)
        with pytest.raises(ModelError, match=rf"{name}.*any code.*torch\.export\.save"):
            Torch().load(tmp_path / name)


def changed(folder, change):
    """The program with one of its entries changed: ``change`` takes name and bytes, and returns bytes."""
    path = folder / "changed.pt2"
    with zipfile.ZipFile(io.BytesIO(program())) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, change(name.partition("/")[2], source.read(name)))
    return path


def with_json(ending, edit):
    def change(name, content):
        if not name.endswith(ending):
            return content
        document = json.loads(content)
        edit(document)
        return json.dumps(document).encode()

    return change


class Touch:
    """Unpickling it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def hide_pickle(folder):
    buffer = io.BytesIO()
    torch.save((Touch(folder / "ran"),), buffer)
    return lambda name, content: buffer.getvalue() if "sample_inputs" in name else content


def set_operator(name):
    return with_json("model.json", lambda d: d["graph_module"]["graph"]["nodes"][0].update(target=name))


def set_size(expression):
    def edit(document):
        values = document["graph_module"]["graph"]["tensor_values"]
        values["images"]["sizes"][0]["as_expr"]["expr_str"] = expression

    return with_json("model.json", edit)


@pytest.mark.parametrize(
    "change",
    [
        hide_pickle,
        lambda _: with_json(
            "weights_config.json", lambda d: next(iter(d["config"].values())).update(use_pickle=True)
        ),
        lambda _: set_operator("torch.hub.load"),
        lambda _: set_operator("torch.ops.load_library.__call__"),
        lambda _: set_operator("torch.ops.aten.from_file.default"),
        lambda folder: set_size(f"open({str(folder / 'ran')!r}, 'w')"),
        lambda folder: set_size("__import__('os').getpid()"),
        lambda _: with_json("model.json", lambda d: d.update(guards_code=["print(L)"])),
    ],
)
def test_files_by_which_opening_could_run_code_are_refused(tmp_path, change):
    path = changed(tmp_path, change(tmp_path))
    with pytest.raises(ModelError, match=r"changed\.pt2 holds"):
        Torch().load(path)
    assert not (tmp_path / "ran").exists()


def test_the_same_file_unchanged_is_opened(tmp_path):
    assert Torch().load(changed(tmp_path, lambda _, content: content)).precision == "fp32"


def test_another_zip_is_not_a_model(tmp_path):
    path = tmp_path / "some.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/readme.txt", "nothing")
    with pytest.raises(ModelError, match=r"not a \.pt2 model"):
        Torch().load(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"precision": "int8"}, "computes in stored, fp32, bf16, not in int8"),
        ({"precision": "fp16"}, "torch on cpu"),
        ({"devices": ["tensorrt:0"]}, "tensorrt:0"),
        ({"devices": ["cuda:x"]}, "cuda:x"),
        ({"devices": ["cpu", "cuda:0"]}, "mixes cpu and cuda"),
        ({"options": {"compile": True}}, "compile"),
    ],
)
def test_what_it_cannot_do_is_said_at_once(settings, message):
    with pytest.raises(ConfigError, match=message):
        Torch.open(EngineSettings(name="torch", **settings), threads=1)


def test_a_card_that_is_not_there_is_named(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    engine = Torch.open(EngineSettings(name="torch", devices=["cuda:0"], precision="fp16"), threads=1)
    assert (engine.info.device, engine.info.precision) == ("cuda", "fp16")
    with pytest.raises(ConfigError, match="torch sees 0 CUDA devices"):
        engine.load(written(tmp_path))


def test_it_says_what_this_machine_offers(monkeypatch):
    found = Torch.available()
    assert found.version == torch.__version__.partition("+")[0] or found.version == torch.__version__
    assert found.devices[0] == "cpu"
    assert {"stored", "fp32", "bf16"} <= set(found.precisions)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    cards = Torch.available()
    assert cards.devices == ("cpu", "cuda:0", "cuda:1")
    assert {"bf16", "fp16"} <= set(cards.fast)


def test_naming_the_engine_does_not_import_the_library():
    import subprocess

    code = (
        "import sys; from alaas.engines import open_engine; open_engine('torch').info; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
