"""The contract suite of an encoder: subclass ``EncoderSuite`` in your tests and say how to make one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.encoders import EncodedBatch, Encoder
from alaas.modalities import Decoded
from alaas.testing.travel import sent

_THREADS, _CALLS = 6, 24


class EncoderSuite:
    """What every encoder promises."""

    tolerance = 1e-4
    """How far an item's features may move with the batch that it is in."""

    @abstractmethod
    def make(self) -> Encoder:
        """A new encoder of the same settings each time; its modality prepared if it prepares."""

    @abstractmethod
    def contents(self) -> Sequence[bytes]:
        """At least three different good items."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        """What ``make`` makes."""
        return self.make()

    def decoded(self, encoder: Encoder) -> list[Decoded]:
        """The items, decoded for it."""
        return [encoder.modality.decode(content) for content in self.contents()]

    def test_it_says_what_it_is_before_it_is_loaded(self, encoder: Encoder) -> None:
        assert encoder.name
        assert encoder.provides
        assert encoder.provides <= {"embeddings", "probs"}

    def test_it_gives_what_it_provides_as_finite_float32(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        signals = self.signals(encoder.encode(items))
        assert set(signals) == encoder.provides
        for values in signals.values():
            assert values.dtype == np.float32
            assert values.ndim == 2
            assert len(values) == len(items)
            assert np.isfinite(values).all()
        if "probs" in signals:
            np.testing.assert_allclose(signals["probs"].sum(axis=1), 1, atol=1e-4)
            assert signals["probs"].min() >= 0

    def test_different_items_differ(self, encoder: Encoder) -> None:
        for values in self.signals(encoder.encode(self.decoded(encoder))).values():
            assert len(np.unique(values, axis=0)) == len(values)

    def test_features_do_not_depend_on_the_batch_or_the_place_in_it(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        together = self.signals(encoder.encode(items))
        turned = self.signals(encoder.encode(items[::-1]))
        for name, values in together.items():
            np.testing.assert_allclose(values, turned[name][::-1], rtol=0, atol=self.tolerance)
            for place, item in enumerate(items):
                alone = self.signals(encoder.encode([item]))[name]
                np.testing.assert_allclose(alone[0], values[place], rtol=0, atol=self.tolerance)

    def test_the_same_batch_gives_the_same_numbers(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        first, second = self.signals(encoder.encode(items)), self.signals(encoder.encode(items))
        for name, values in first.items():
            np.testing.assert_array_equal(values, second[name])

    def test_threads_that_come_first_together_get_their_own_results(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        expected = self.signals(self.make().encode(items))

        def encode(place: int) -> dict[str, NDArray[np.float32]]:
            return self.signals(encoder.encode([items[place % len(items)]]))

        with ThreadPoolExecutor(_THREADS) as pool:
            for place, found in enumerate(pool.map(encode, range(_CALLS))):
                for name, values in found.items():
                    np.testing.assert_allclose(
                        values[0], expected[name][place % len(items)], rtol=0, atol=self.tolerance
                    )

    def test_loading_twice_changes_nothing(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        encoder.load()
        before = self.signals(encoder.encode(items))
        encoder.load()
        for name, values in self.signals(encoder.encode(items)).items():
            np.testing.assert_array_equal(values, before[name])

    def test_the_fingerprint_is_the_same_for_the_same_settings(self, encoder: Encoder) -> None:
        before = encoder.fingerprint
        assert before
        encoder.load()
        assert encoder.fingerprint == before == self.make().fingerprint

    def test_it_survives_being_sent_to_another_process(self, encoder: Encoder) -> None:
        items = self.decoded(encoder)
        expected = self.signals(encoder.encode(items))  # loaded, so that there is something to leave behind
        arrived = sent(encoder)
        assert arrived.fingerprint == encoder.fingerprint
        found = self.signals(arrived.encode(items))
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=self.tolerance)

    def signals(self, batch: EncodedBatch) -> dict[str, NDArray[np.float32]]:
        """What a batch holds, by name."""
        found = {"embeddings": batch.embeddings, "probs": batch.probs}
        return {name: values for name, values in found.items() if values is not None}
