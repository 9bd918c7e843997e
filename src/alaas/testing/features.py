"""The contract suite of ``FeatureCache``: subclass ``FeatureCacheSuite`` and say how to make one."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from blake3 import blake3
from numpy.typing import NDArray

from alaas.errors import UsageError
from alaas.features import FeatureCache, Key
from alaas.testing.travel import sent
from alaas.types import Features

DIMENSIONS, CLASSES = 48, 10


def key_of(name: object) -> Key:
    """The key that a test calls ``name``."""
    return blake3(repr(name).encode()).digest()


def features_of(key: Key) -> Features:
    """Features that follow from the key, so that anybody can tell whether what a cache gives is right."""
    numbers = np.frombuffer(blake3(key).digest(length=4 * (DIMENSIONS + CLASSES)), np.uint32)
    values = (numbers >> 8).astype(np.float32)
    return Features(embeddings=values[:DIMENSIONS], probs=values[DIMENSIONS:])


def same(first: NDArray[np.floating] | None, second: NDArray[np.floating] | None) -> bool:
    """Whether two arrays are the same to the last bit, shape and dtype included."""
    if first is None or second is None:
        return first is second
    return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()


def right(key: Key, features: Features) -> bool:
    """Whether these are the features of ``features_of(key)``."""
    expected = features_of(key)
    return same(features.embeddings, expected.embeddings) and same(features.probs, expected.probs)


def entries(names: Sequence[object]) -> list[tuple[Key, Features]]:
    """What to put for these names."""
    return [(key_of(name), features_of(key_of(name))) for name in names]


class FeatureCacheSuite:
    """What every feature cache must do."""

    @abstractmethod
    def make(self, *, max_bytes: int) -> FeatureCache:
        """A new and empty cache."""

    @pytest.fixture
    def cache(self) -> Iterator[FeatureCache]:
        """A cache with room for everything."""
        cache = self.make(max_bytes=10_000_000)
        yield cache
        cache.close()

    def test_what_was_put_comes_back(self, cache: FeatureCache) -> None:
        """Each answer stands at its key's place, in any order, with repeats and unknown keys between."""
        cache.put(entries(range(600)))
        names = [7, "unknown", 599, 7, *range(600)]
        for name, features in zip(names, cache.get([key_of(name) for name in names]), strict=True):
            if name == "unknown":
                assert features is None
            else:
                assert features is not None
                assert right(key_of(name), features)
        assert cache.trouble is None

    def test_it_survives_being_sent_to_another_process(self, cache: FeatureCache) -> None:
        cache.put(entries(range(3)))
        arrived = sent(cache)
        arrived.put(entries(range(3, 6)))
        found = arrived.get([key_of(name) for name in range(6)])
        # What is kept in memory only stays behind; never does something else come back.
        assert all(f is None or right(key_of(name), f) for name, f in enumerate(found))
        assert all(f is not None for f in found[3:])
        arrived.close()

    def test_nothing_asked_is_nothing_answered(self, cache: FeatureCache) -> None:
        """Empty calls do nothing."""
        cache.put([])
        assert cache.get([]) == []
        assert cache.info().entries == 0

    @pytest.mark.parametrize("parts", [(), ("embeddings",), ("probs",), ("embeddings", "probs")])
    def test_parts_that_an_encoder_does_not_give_stay_absent(
        self, cache: FeatureCache, parts: tuple[str, ...]
    ) -> None:
        """None comes back as None."""
        whole = features_of(key_of(1))
        cache.put([(key_of(1), Features(**{part: getattr(whole, part) for part in parts}))])
        (features,) = cache.get([key_of(1)])
        assert features is not None
        for part in ("embeddings", "probs"):
            assert same(getattr(features, part), getattr(whole, part) if part in parts else None)

    def test_a_key_that_is_there_is_left_as_it_is(self, cache: FeatureCache) -> None:
        """The first put wins, within a call and between calls."""
        first, second = features_of(key_of("first")), features_of(key_of("second"))
        cache.put([(key_of(1), first), (key_of(1), second)])
        cache.put([(key_of(1), second)])
        (found,) = cache.get([key_of(1)])
        assert found is not None
        assert same(found.embeddings, first.embeddings)
        assert cache.info().entries == 1

    def test_nobody_can_change_what_is_cached(self, cache: FeatureCache) -> None:
        """Neither through the array that was put nor through the one that was given."""
        mine = np.ones(4, np.float32)
        cache.put([(key_of(1), Features(embeddings=mine))])
        mine[:] = 0
        (found,) = cache.get([key_of(1)])
        assert found is not None
        assert found.embeddings is not None
        assert found.embeddings.tolist() == [1, 1, 1, 1]
        with pytest.raises(ValueError, match="read-only"):
            found.embeddings[0] = 5

    def test_only_floats_are_features(self, cache: FeatureCache) -> None:
        """Anything else is a mistake of the encoder's and said at once."""
        with pytest.raises(UsageError, match="int64"):
            cache.put([(key_of(1), Features(embeddings=np.arange(3)))])  # type: ignore[arg-type]

    def test_info_counts_and_clear_forgets(self, cache: FeatureCache) -> None:
        """Entries and bytes are exact, and clearing gives back all of them."""
        cache.put(entries(range(100)))
        info = cache.info()
        assert info.entries == 100
        assert info.max_bytes == 10_000_000
        assert 100 * 4 * (DIMENSIONS + CLASSES) <= info.bytes <= 100 * (4 * (DIMENSIONS + CLASSES) + 128)
        assert cache.clear() == info.bytes
        assert (cache.info().entries, cache.info().bytes) == (0, 0)
        assert cache.get([key_of(3)]) == [None]
        cache.put(entries([3]))
        assert cache.info().entries == 1

    def test_the_cap_holds_and_the_newest_stay(self) -> None:
        """Ten times the cap goes in; never more than the cap is kept."""
        cache = self.make(max_bytes=50_000)
        for first in range(0, 2000, 40):
            cache.put(entries(range(first, first + 40)))
            assert cache.info().bytes <= 50_000
        assert cache.get([key_of(0)]) == [None]
        assert cache.get([key_of(1999)]) != [None]
        assert cache.info().entries >= 50
        cache.close()

    def test_what_can_never_fit_is_not_kept(self) -> None:
        """One item beyond the cap drives nothing else out."""
        cache = self.make(max_bytes=4000)
        cache.put(entries([1]))
        cache.put([(key_of("large"), Features(embeddings=np.zeros(2000, np.float32)))])
        assert cache.get([key_of("large")]) == [None]
        assert cache.get([key_of(1)]) != [None]
        cache.close()

    def test_many_threads_at_once(self) -> None:
        """Threads that put and get the same keys, beyond the cap, only ever see what is right."""
        cache = self.make(max_bytes=200_000)
        wrong: list[object] = []

        def work(seed: int) -> None:
            try:
                rng = np.random.default_rng(seed)
                for _ in range(25):
                    names = rng.integers(0, 2000, 32).tolist()
                    cache.put(entries(names))
                    keys = [key_of(name) for name in names]
                    found = zip(keys, cache.get(keys), strict=True)
                    wrong.extend(key for key, features in found if features and not right(key, features))
            except Exception as error:  # noqa: BLE001  (a thread's error is the test's)
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert cache.trouble is None
        assert cache.info().bytes <= 200_000
        cache.close()
