"""Farthest first against plain greedy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies import _farthest, build
from alaas.types import Signals


def greedy_gaps(
    points: NDArray[np.floating], picks: NDArray[np.int64], labelled: NDArray[np.floating] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance of each pick to what was there before, and the largest distance that there was to be had."""
    points = points.astype(np.float64)
    near = np.full(len(points), np.inf)
    for centre in () if labelled is None else labelled.astype(np.float64):
        near = np.minimum(near, np.linalg.norm(points - centre, axis=1))
    got, best = [], []
    for pick in picks:
        got.append(near[pick])
        best.append(near.max())
        near = np.minimum(near, np.linalg.norm(points - points[pick], axis=1))
    return np.array(got), np.array(best)


@st.composite
def pools(draw: st.DrawFn) -> NDArray[np.float64]:
    n, dimensions = draw(st.integers(1, 300)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pool = rng.normal(size=(n, dimensions)) * rng.gamma(0.5, size=(n, 1))
    kind = draw(st.sampled_from(["plain", "repeated", "grid", "shifted", "huge", "tiny"]))
    if kind == "repeated":
        pool = pool[rng.integers(n, size=n)]
    if kind == "grid":
        pool = np.round(pool)
    return pool * {"huge": 1e200, "tiny": 1e-200}.get(kind, 1.0) + (100.0 if kind == "shifted" else 0.0)


@given(pool=pools(), labelled=st.integers(0, 5), budget=st.integers(1, 120), seed=st.integers(0, 9))
def test_every_pick_is_a_farthest_one(
    pool: NDArray[np.float64], labelled: int, budget: int, seed: int
) -> None:
    known = pool[:labelled] if labelled else None
    signals = Signals(embeddings=pool, labelled_embeddings=known)
    found = build("k_center").select(signals, budget, np.random.default_rng(seed))
    scale = np.abs(pool).max() or 1.0
    got, best = greedy_gaps(pool / scale, found.indices, None if known is None else known / scale)
    start = 0 if labelled else 1
    # Rounding in float32: relative to the distance, and to how far the points are from their mean.
    spread = np.linalg.norm(pool / scale - (pool / scale).mean(axis=0), axis=1).max()
    np.testing.assert_allclose(got[start:], best[start:], rtol=1e-4, atol=3e-3 * spread)
    np.testing.assert_allclose(found.scores[start:] / scale, got[start:], rtol=1e-4, atol=3e-3 * spread)
    assert np.isnan(found.scores[:start]).all()


@pytest.mark.parametrize("clusters", [0, 40])
def test_many_rounds_equal_plain_greedy_to_the_pick(clusters: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_farthest, "_FEWEST", 16)
    rng = np.random.default_rng(5)
    pool = rng.normal(size=(3000, 24)).astype(np.float32)
    if clusters:
        pool = (
            0.3 * pool + rng.normal(size=(clusters, 24)).astype(np.float32)[rng.integers(clusters, size=3000)]
        )
    picks = alaas.query("k_center", budget=400, embeddings=pool, seed=1)
    near, expected = np.full(3000, np.inf), [int(picks[0])]
    while len(expected) < 400:
        near = np.minimum(near, ((pool.astype(np.float64) - pool[expected[-1]]) ** 2).sum(axis=1))
        expected.append(int(near.argmax()))
    assert picks.tolist() == expected


def test_labelled_items_are_kept_away_from() -> None:
    pool = np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 0.0], [10.0, 0.0]])
    picks = alaas.query("k_center", budget=2, embeddings=pool, labelled_embeddings=[[10.0, 0.0]])
    assert picks.tolist() == [0, 2]


def test_many_labelled_items() -> None:
    rng = np.random.default_rng(0)
    pool, labelled = rng.normal(size=(50, 3)), rng.normal(size=(3000, 3))
    signals = Signals(embeddings=pool, labelled_embeddings=labelled)
    found = build("k_center").select(signals, 10, np.random.default_rng(0))
    got, best = greedy_gaps(pool, found.indices, labelled)
    np.testing.assert_allclose(got, best, rtol=1e-4)


def test_no_labelled_items_yet_is_a_random_start() -> None:
    pool = np.random.default_rng(0).normal(size=(30, 3))
    starts = {
        int(
            alaas.query(
                "k_center", budget=1, embeddings=pool, labelled_embeddings=np.empty((0, 3)), seed=seed
            )[0]
        )
        for seed in range(40)
    }
    assert len(starts) > 10


def test_values_too_far_apart_are_refused() -> None:
    pool = np.array([[-3e38], [3e38]], dtype=np.float32)
    with pytest.raises(alaas.AlaasError, match="too far apart"):
        alaas.query("k_center", budget=1, embeddings=pool)
