"""The contract suite of an engine: subclass ``EngineSuite`` in your tests and say how to make one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.engines import Engine, LoadedModel
from alaas.errors import ModelError
from alaas.testing.models import write_image_model
from alaas.testing.travel import sent

_THREADS, _CALLS = 8, 64


class EngineSuite:
    """What every engine promises."""

    tolerance = 1e-5
    """How far results may lie from those of numpy; an engine of low precision says more."""

    @abstractmethod
    def make(self) -> Engine:
        """A new engine."""

    def write(self, folder: Path) -> Path:
        """Write a model file for the engine that computes what ``expect`` says; ONNX by default."""
        return write_image_model(folder / "model.onnx", size=8, classes=3)

    def batch(self, count: int, seed: int = 0) -> dict[str, NDArray[Any]]:
        """A batch for that model."""
        images = np.random.default_rng(seed).normal(size=(count, 3, 8, 8)).astype(np.float32)
        return {"images": images}

    def expect(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What that model gives for it."""
        weight = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1
        features = batch["images"].mean(axis=(2, 3))
        return {"features": features, "logits": features @ weight}

    @pytest.fixture
    def model(self, tmp_path: Path) -> LoadedModel:
        """The model, loaded."""
        return self.make().load(self.write(tmp_path))

    def test_info_is_known_before_anything_is_loaded_and_stays_the_same(self, tmp_path: Path) -> None:
        engine = self.make()
        before = engine.info
        assert all((before.name, before.version, before.precision, before.device))
        engine.load(self.write(tmp_path))
        assert engine.info == before == self.make().info

    def test_it_survives_being_sent_to_another_process(self, tmp_path: Path) -> None:
        engine = self.make()
        path, batch = self.write(tmp_path), self.batch(2)
        expected = engine.load(path).run(batch)
        arrived = sent(engine)
        assert arrived.info == engine.info
        found = arrived.load(path).run(batch)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=self.tolerance)

    def test_inputs_and_outputs_are_described(self, model: LoadedModel) -> None:
        batch = self.batch(2)
        assert {spec.name for spec in model.inputs} == set(batch)
        assert {spec.name for spec in model.outputs} == set(self.expect(batch))
        for spec in model.inputs:
            assert spec.dtype == str(batch[spec.name].dtype)
            assert len(spec.shape) == batch[spec.name].ndim
        assert model.precision in ("fp32", "fp16", "bf16", "int8")

    @pytest.mark.parametrize("count", [1, 2, 7])
    def test_it_computes_what_the_model_says_for_any_batch(self, model: LoadedModel, count: int) -> None:
        batch = self.batch(count)
        self.check(model.run(batch), batch)

    def test_the_input_is_not_changed(self, model: LoadedModel) -> None:
        batch = self.batch(3)
        before = {name: array.copy() for name, array in batch.items()}
        model.run(batch)
        for name, array in batch.items():
            np.testing.assert_array_equal(array, before[name])

    def test_many_threads_get_their_own_results(self, model: LoadedModel) -> None:
        batches = [self.batch(1 + seed % 4, seed) for seed in range(_CALLS)]
        with ThreadPoolExecutor(_THREADS) as pool:
            for batch, found in zip(batches, pool.map(model.run, batches), strict=True):
                self.check(found, batch)

    def test_a_batch_of_another_shape_is_refused_with_its_shape(self, model: LoadedModel) -> None:
        batch = {name: array[..., :-1] for name, array in self.batch(2).items()}
        shape = str(next(iter(batch.values())).shape)
        with pytest.raises(ModelError) as caught:
            model.run(batch)
        assert shape in caught.value.message

    def test_a_missing_input_is_refused(self, model: LoadedModel) -> None:
        with pytest.raises(ModelError):
            model.run({})

    def test_a_missing_file_is_refused_by_name(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"absent\.onnx"):
            self.make().load(tmp_path / "absent.onnx")

    @pytest.mark.parametrize("damage", ["empty", "text", "half"])
    def test_a_broken_file_is_refused_by_name(self, tmp_path: Path, damage: str) -> None:
        path = self.write(tmp_path)
        whole = path.read_bytes()
        path.write_bytes({"empty": b"", "text": b"not a model\n", "half": whole[: len(whole) // 2]}[damage])
        with pytest.raises(ModelError, match=path.name):
            self.make().load(path)

    def check(self, found: Mapping[str, NDArray[Any]], batch: Mapping[str, NDArray[Any]]) -> None:
        """Compare results with what is expected of the batch."""
        expected = self.expect(batch)
        assert set(found) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=self.tolerance)
