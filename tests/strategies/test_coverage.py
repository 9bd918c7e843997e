"""Greedy coverage against plain greedy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.strategies import _coverage
from alaas.strategies._coverage import cover
from alaas.strategies._distances import Unit, smallest_distance
from alaas.strategies._kernels import Ball, Gaussian, Kernel, reach
from alaas.strategies._vectors import Vectors, frame_around


def unit(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def kernel_matrix(
    kernel: Kernel, pool: NDArray[np.float64], others: NDArray[np.float64]
) -> NDArray[np.float64]:
    squared = np.square(pool[:, np.newaxis] - others).sum(axis=2)
    return (
        (squared <= kernel.radius**2) * 1.0
        if isinstance(kernel, Ball)
        else np.exp(-squared / kernel.radius**2)
    )


@st.composite
def pools(draw: st.DrawFn) -> NDArray[np.float64]:
    n, dimensions = draw(st.integers(1, 60)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pool = rng.normal(size=(n, dimensions))
    kind = draw(st.sampled_from(["plain", "repeated", "constant", "zeros"]))
    if kind == "repeated":
        pool = pool[rng.integers(max(1, n // 3), size=n)]
    if kind == "constant":
        pool[:] = pool[0]
    if kind == "zeros":
        pool[::2] = 0.0
    return pool


@settings(max_examples=60, deadline=None)
@given(
    pool=pools(),
    m=st.integers(0, 4),
    # Radii at which no distance lies on the boundary but by a chance of 0.
    kernel=st.sampled_from(
        [Gaussian(radius=1.0), Gaussian(radius=0.3), Ball(radius=0.7123), Ball(radius=0.0)]
    ),
    weighted=st.booleans(),
    width=st.sampled_from([1, 5, 128]),
    seed=st.integers(0, 99),
)
def test_every_pick_is_a_best_one(
    pool: NDArray[np.float64], m: int, kernel: Kernel, weighted: bool, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    n = len(pool)
    known = rng.normal(size=(m, pool.shape[1]))
    weights = rng.random(n).astype(np.float32) * (rng.random(n) < 0.7) if weighted else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_coverage, "_WIDTH", width)
        labelled = Vectors(known, Unit()) if m else None
        found = cover(Vectors(pool, Unit()), labelled, kernel, n, n, rng, weights)
    values = kernel_matrix(kernel, unit(pool), unit(pool))
    covered = kernel_matrix(kernel, unit(pool), unit(known)).max(axis=1, initial=0.0)
    mass = np.ones(n) if weights is None else weights.astype(np.float64)
    for pick, gain in zip(found.indices, found.gains, strict=True):
        gains = mass @ np.maximum(values - covered[:, np.newaxis], 0.0) / n
        assert gain == pytest.approx(gains[pick], rel=2e-3, abs=3e-5)
        assert gains[pick] == pytest.approx(gains.max(), rel=2e-3, abs=3e-5)
        covered = np.maximum(covered, values[:, pick])
    left = mass @ np.maximum(values - covered[:, np.newaxis], 0.0) / n
    assert len(set(found.indices.tolist())) == len(found.indices)
    assert len(found.indices) == n or left.max() < 1e-4


@pytest.mark.parametrize("kernel", [Gaussian(radius=1.0), Gaussian(radius=0.3), Ball(radius=0.9)])
def test_many_rounds_are_plain_greedy(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_coverage, "_WIDTH", 16)
    rng = np.random.default_rng(5)
    pool = rng.normal(size=(400, 12))
    weights = rng.uniform(0.5, 1.0, 400).astype(np.float32)
    found = cover(Vectors(pool, Unit()), None, kernel, 70, 400, rng, weights)
    values, covered = kernel_matrix(kernel, unit(pool), unit(pool)), np.zeros(400)
    for pick in found.indices:
        gains = weights.astype(np.float64) @ np.maximum(values - covered[:, np.newaxis], 0.0)
        assert gains[pick] >= gains.max() * (1.0 - 1e-5)
        covered = np.maximum(covered, values[:, pick])


def test_a_sample_of_a_large_pool_covers_nearly_as_well() -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(40, 8)) * 2
    pool = centres[rng.integers(40, size=2000)] + rng.normal(size=(2000, 8))
    points, kernel = Vectors(pool, Unit()), Gaussian(radius=0.5)

    def covered(sample: int) -> float:
        found = cover(points, None, kernel, 60, sample, np.random.default_rng(0))
        assert len(set(found.indices.tolist())) == 60
        return float(reach(kernel, points, points.take(found.indices)).mean())

    assert covered(800) > 0.97 * covered(2000)


def test_an_item_outside_the_sample_counts_for_itself() -> None:
    """With a radius so small that every item covers itself alone, the heaviest are picked, sampled or not."""
    rng = np.random.default_rng(2)
    weights = rng.random(500).astype(np.float32)
    found = cover(
        Vectors(rng.normal(size=(500, 6)), Unit()), None, Gaussian(radius=1e-3), 50, 80, rng, weights
    )
    assert found.indices.tolist() == np.argsort(-weights)[:50].tolist()


@given(n=st.integers(0, 40), seed=st.integers(0, 99))
def test_the_smallest_distance_is_that_of_items_that_differ(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 4, size=(n, 2)).astype(np.float64)
    frame = frame_around(rows if n else np.zeros((1, 2)))
    apart = np.linalg.norm(rows[:, np.newaxis] - rows, axis=2)
    expected = apart[apart > 0].min(initial=np.inf)
    found = smallest_distance(Vectors(rows, frame)) / frame.factor
    assert found == pytest.approx(expected if np.isfinite(expected) else 0.0, rel=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_unit_vectors(dtype: str) -> None:
    most = 6e4 if dtype == "float16" else 1e38 if dtype == "float32" else 1e300
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [most, 0.0], [-most, most]], dtype=dtype)
    expected = [[0.6, 0.8], [0.0, 0.0], [1.0, 0.0], [-(0.5**0.5), 0.5**0.5]]
    np.testing.assert_allclose(Unit().apply(rows), expected, atol=1e-3 if dtype == "float16" else 1e-6)
