"""k-means against its definition, and against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._lloyd import _means, assign, cluster, representatives
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Signals


def blobs(n: int, k: int, dimensions: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(k, size=n)
    return 20 * rng.normal(size=(k, dimensions))[labels] + rng.normal(size=(n, dimensions)), labels


@given(n=st.integers(1, 60), k=st.integers(1, 20), seed=st.integers(0, 999))
def test_assignment_equals_the_definition(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool, centres = rng.normal(size=(n, 4)), rng.normal(size=(k, 4))
    frame = frame_around(pool)
    found = assign(Vectors(pool, frame), frame.apply(centres))
    distances = ((pool[:, np.newaxis] - centres) ** 2).sum(axis=2) * frame.factor**2
    np.testing.assert_allclose(found.distances, distances.min(axis=1), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(distances[np.arange(n), found.labels], distances.min(axis=1), atol=1e-5)


@pytest.mark.parametrize(
    ("heaps", "spread", "k"), [(1, 1.0, 50), (12, 0.1, 12), (60, 0.2, 60), (40, 0.3, 80)]
)
def test_clusters_are_as_tight_as_scikit_learns(heaps: int, spread: float, k: int) -> None:
    from sklearn.cluster import KMeans

    ours, theirs = 0.0, 0.0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        centres = rng.normal(size=(heaps, 8))
        pool = (centres[rng.integers(heaps, size=1500)] + spread * rng.normal(size=(1500, 8))).astype(
            np.float32
        )
        frame = frame_around(pool)
        ours += cluster(Vectors(pool, frame), k, 10, 1500, rng).distances.sum() / frame.factor**2
        theirs += KMeans(k, n_init=1, max_iter=10, random_state=seed).fit(pool).inertia_
    assert ours < 1.01 * theirs


def test_separate_blobs_get_one_pick_each_and_the_largest_comes_first() -> None:
    pool, labels = blobs(3000, 6, 5, 1)
    found = build("k_means", {"iterations": 20}).select(Signals(embeddings=pool), 6, np.random.default_rng(3))
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores.sum() == 3000
    sizes = np.bincount(labels)[labels[found.indices]]
    if len(set(labels[found.indices].tolist())) == 6:
        np.testing.assert_array_equal(found.scores, sizes)
    else:
        pytest.fail("a blob got no pick")


def test_picks_are_the_nearest_to_the_centres() -> None:
    pool, _ = blobs(500, 8, 3, 2)
    frame = frame_around(pool)
    found = cluster(Vectors(pool, frame), 8, 20, 500, np.random.default_rng(0))
    picks, sizes = representatives(found, np.random.default_rng(0))
    for pick, size in zip(picks, sizes, strict=True):
        members = np.flatnonzero(found.labels == found.labels[pick])
        assert size == len(members)
        assert found.distances[pick] == found.distances[members].min()


def test_fewer_different_items_than_budget() -> None:
    pool = np.repeat(np.eye(3), [10, 6, 4], axis=0)
    found = build("k_means").select(Signals(embeddings=pool), 8, np.random.default_rng(0))
    assert found.scores.tolist() == [10, 6, 4, 0, 0, 0, 0, 0]
    assert pool[found.indices[:3]].tolist() == np.eye(3).tolist()
    assert len(set(found.indices.tolist())) == 8


def test_centres_come_from_a_sample_of_a_large_pool() -> None:
    pool, labels = blobs(20000, 4, 3, 3)
    found = build("k_means", {"sample": 50, "iterations": 20}).select(
        Signals(embeddings=pool), 4, np.random.default_rng(1)
    )
    assert sorted(labels[found.indices].tolist()) == [0, 1, 2, 3]
    assert found.scores.sum() == 20000


@pytest.mark.parametrize(
    "parameters", [{"iterations": -1}, {"sample": 0}, {"sample": "many"}, {"sample": True}]
)
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        alaas.query("k_means", budget=1, embeddings=np.ones((3, 2)), parameters=parameters)  # type: ignore[arg-type]


@given(n=st.integers(2, 30), k=st.integers(1, 4), seed=st.integers(0, 999))
def test_a_weight_counts_as_often_as_the_point_were_there(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool, weights = rng.normal(size=(n, 3)), rng.integers(1, 5, n)
    frame = frame_around(pool)
    points, repeated = Vectors(pool, frame), Vectors(np.repeat(pool, weights, axis=0), frame)
    centres = points.rows(rng.choice(n, min(k, n), replace=False))
    once = _means(points, assign(points, centres), centres, weights.astype(np.float32))
    often = _means(repeated, assign(repeated, centres), centres, None)
    np.testing.assert_allclose(once, often, atol=1e-5)


def test_points_without_weight_are_neither_seeds_nor_means() -> None:
    pool = np.concatenate([np.zeros((5, 2)), np.full((5, 2), 9.0), np.full((5, 2), 100.0)])
    weights = np.repeat([1.0, 1.0, 0.0], 5).astype(np.float32)
    points = Vectors(pool, frame_around(pool))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        found = cluster(points, 2, 10, 15, rng, weights)
        assert found.labels[0] != found.labels[5]
