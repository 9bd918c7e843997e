"""ProbCover against plain greedy, and its radius against the definition of purity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._lloyd import cluster
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.prob_cover import pure_radius
from alaas.types import Selection, Signals


def select(expression: str, budget: int, seed: int = 0, **arrays: object) -> Selection:
    return build(expression).select(Signals(**arrays), budget, np.random.default_rng(seed))  # type: ignore[arg-type]


def distances(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(left[:, np.newaxis] - right, axis=2)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 40),
    m=st.integers(0, 3),
    repeated=st.booleans(),
    radius=st.sampled_from([0.001, 0.4567, 1.234, 100.0]),
    seed=st.integers(0, 999),
)
def test_every_pick_holds_the_most_new_items(
    n: int, m: int, repeated: bool, radius: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pool, known = rng.normal(size=(n, 2)), rng.normal(size=(m, 2))
    if repeated:
        pool = pool[rng.integers(max(1, n // 3), size=n)]
    found = select(
        f"prob_cover(radius={radius}, normalise=false)", n, seed, embeddings=pool, labelled_embeddings=known
    )
    holds = distances(pool, pool) <= radius
    free = ~(distances(pool, known) <= radius).any(axis=1)
    for pick, score in zip(found.indices, found.scores, strict=True):
        new = (holds & free).sum(axis=1)
        assert new[pick] == new.max()
        assert score == pytest.approx(new[pick] / n, abs=1e-5)
        free &= ~holds[pick]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 80), purity=st.sampled_from([0.0, 0.5, 0.9, 0.95, 1.0]), seed=st.integers(0, 999))
def test_the_radius_is_the_largest_that_is_pure_enough(n: int, purity: float, seed: int) -> None:
    pool = np.random.default_rng(seed).normal(size=(n, 3))
    frame = frame_around(pool)
    points = Vectors(pool, frame)
    radius = pure_radius(points, 3, purity, np.random.default_rng(seed)) / frame.factor
    labels = cluster(points, 3, 10, 10_000, np.random.default_rng(seed)).labels
    apart, other = distances(pool, pool), labels[:, np.newaxis] != labels

    def share(tried: float) -> float:
        return float(1.0 - ((apart <= tried) & other).any(axis=1).mean())

    assert share(radius * (1 - 1e-4)) >= purity - 1e-9
    assert purity == 0.0 or not other.any() or share(radius * (1 + 1e-4)) < purity


def test_groups_are_found_and_covered_in_order_of_size() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], [60, 30, 10])
    pool = 3 * np.eye(3)[group] + 0.1 * rng.normal(size=(100, 3))
    found = select("prob_cover(classes=3, purity=1)", 5, embeddings=pool)
    assert group[found.indices[:3]].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.scores, [0.6, 0.3, 0.1, 0.0, 0.0], atol=1e-5)
    known = {"labelled_embeddings": np.eye(3)[:1], "embeddings": pool}
    assert group[select("prob_cover(classes=3, purity=1)", 1, **known).indices].tolist() == [1]


def test_labels_say_how_many_classes_there_are() -> None:
    rng = np.random.default_rng(1)
    pool = rng.normal(size=(200, 4))
    known = {"labelled_embeddings": pool[:4], "labels": np.array(["a", "b", "c", "b"])}
    counted = select("prob_cover", 30, embeddings=pool, **known)
    given_ = select("prob_cover(classes=3)", 30, embeddings=pool, labelled_embeddings=pool[:4])
    assert counted.indices.tolist() == given_.indices.tolist()


def test_a_sample_of_a_large_pool_holds_nearly_as_much() -> None:
    rng = np.random.default_rng(2)
    pool = rng.normal(size=(3000, 3))

    def held(sample: int) -> float:
        picks = select(f"prob_cover(radius=0.3, sample={sample})", 40, embeddings=pool).indices
        unit = pool / np.linalg.norm(pool, axis=1, keepdims=True)
        return float((distances(unit, unit[picks]) <= 0.3).any(axis=1).mean())

    assert held(1000) > 0.95 * held(3000)


@pytest.mark.parametrize("parameters", [{"radius": -1.0}, {"purity": 1.5}, {"classes": 0}, {"sample": 0}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        alaas.query("prob_cover", budget=1, embeddings=np.ones((3, 2)), parameters=parameters)  # type: ignore[arg-type]
