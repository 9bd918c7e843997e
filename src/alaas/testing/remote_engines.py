"""The contract suite of an engine that asks a server: subclass ``RemoteEngineSuite`` and say where it is."""

from __future__ import annotations

import socket
from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.engines import LoadedModel, RemoteEngine
from alaas.errors import ModelError, ModelUnavailableError

_THREADS, _CALLS = 8, 48


class RemoteEngineSuite:
    """What every engine promises whose model is on a server.

    The server has a model that computes what ``expect`` says: by default mean colours of images (n, 3, 8, 8)
    as ``features`` (n, 3), and ``logits`` (n, 3) from them.
    """

    tolerance = 1e-5

    @abstractmethod
    def make(self, **settings: object) -> RemoteEngine:
        """A new engine for the model, with further settings in place of the usual."""

    def batch(self, count: int, seed: int = 0) -> dict[str, NDArray[Any]]:
        """A batch for the model."""
        images = np.random.default_rng(seed).normal(size=(count, 3, 8, 8)).astype(np.float32)
        return {"images": images}

    def expect(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the model gives for it."""
        weight = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1
        features = batch["images"].mean(axis=(2, 3))
        return {"features": features, "logits": features @ weight}

    @pytest.fixture
    def model(self) -> LoadedModel:
        """The model, connected."""
        return self.make().connect()

    def test_making_it_and_its_info_ask_nobody(self) -> None:
        away = self.make(url=f"http://127.0.0.1:{unused_port()}")
        assert all((away.info.name, away.info.version, away.info.precision, away.info.device))

    def test_the_header_describes_inputs_and_outputs(self) -> None:
        header, batch = self.make().header(), self.batch(1)
        assert {spec.name for spec in header.inputs} == set(batch)
        assert {spec.name for spec in header.outputs} == set(self.expect(batch))
        for spec in header.inputs:
            array = batch[spec.name]
            assert spec.dtype == ("string" if array.dtype == object else str(array.dtype))

    def test_the_identity_names_the_model_and_keeps_the_token(self) -> None:
        engine = self.make(token="of-nobodys-business")
        identity = engine.identity()
        assert identity == self.make().identity()
        assert str(getattr(engine, "settings").model) in identity  # noqa: B009  (not part of the contract)
        assert "of-nobodys-business" not in identity

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

    def test_only_the_wanted_outputs_come(self) -> None:
        batch = self.batch(2)
        wanted = next(iter(self.expect(batch)))
        assert set(self.make().connect([wanted]).run(batch)) == {wanted}

    def test_an_output_that_is_not_there_is_refused_by_name(self) -> None:
        with pytest.raises(ModelError, match="colour"):
            self.make().connect(["colour"])

    def test_a_missing_input_is_refused(self, model: LoadedModel) -> None:
        with pytest.raises(ModelError):
            model.run({})

    def test_a_model_that_is_not_there_is_refused_by_name_and_server(self) -> None:
        engine = self.make(model="absent", retries=0)
        with pytest.raises(ModelError, match="absent") as caught:
            engine.connect().run(self.batch(1))
        assert engine.info.device.partition("://")[2].partition("/")[0] in caught.value.message

    def test_nobody_at_the_address_is_said_with_the_address(self) -> None:
        port = unused_port()
        with pytest.raises(ModelUnavailableError, match=str(port)):
            self.make(url=f"http://127.0.0.1:{port}", retries=1, timeout=2).connect().run(self.batch(1))

    def check(self, found: Mapping[str, NDArray[Any]], batch: Mapping[str, NDArray[Any]]) -> None:
        """Compare results with what is expected of the batch."""
        expected = self.expect(batch)
        assert set(found) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=self.tolerance)


def unused_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
