"""MaxHerding: what it covers, and how its radius is chosen. The greedy search has tests of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.types import Selection, Signals


def select(expression: str, budget: int, seed: int = 0, **arrays: object) -> Selection:
    return build(expression).select(Signals(**arrays), budget, np.random.default_rng(seed))  # type: ignore[arg-type]


def similarity(left: NDArray[np.float64], right: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    left, right = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (left, right))
    return np.exp(-np.square(left[:, np.newaxis] - right).sum(axis=2) / radius**2)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 25),
    m=st.integers(0, 3),
    radius=st.sampled_from([0.5, 1.0, 2.0]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    seed=st.integers(0, 999),
)
def test_every_pick_raises_coverage_most(n: int, m: int, radius: float, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool, known = rng.normal(size=(n, 3)).astype(dtype), rng.normal(size=(m, 3)).astype(dtype)
    found = select(f"max_herding(radius={radius})", n, seed, embeddings=pool, labelled_embeddings=known)
    wide, wide_known = pool.astype(np.float64), known.astype(np.float64)
    values = similarity(wide, wide, radius)
    covered = similarity(wide, wide_known, radius).max(axis=1, initial=0.0)
    for pick, score in zip(found.indices, found.scores, strict=True):
        rise = np.maximum(values - covered[:, np.newaxis], 0.0).mean(axis=0)
        assert score == pytest.approx(rise[pick], rel=1e-3, abs=3e-5)
        assert rise[pick] == pytest.approx(rise.max(), rel=1e-3, abs=3e-5)
        covered = np.maximum(covered, values[:, pick])


def test_one_pick_for_each_group_the_largest_first() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], [60, 30, 10])
    pool = np.eye(3)[groups] + 0.05 * rng.normal(size=(100, 3))
    found = alaas.query("max_herding", budget=3, embeddings=pool)
    assert groups[found].tolist() == [0, 1, 2]
    known = np.eye(3)[:1]
    found = alaas.query("max_herding", budget=2, embeddings=pool, labelled_embeddings=known)
    assert groups[found].tolist() == [1, 2]


def test_without_a_radius_it_is_the_median_distance() -> None:
    rng = np.random.default_rng(1)
    pool = rng.normal(size=(50, 4))
    unit = pool / np.linalg.norm(pool, axis=1, keepdims=True)
    apart = np.linalg.norm(unit[:, np.newaxis] - unit, axis=2)[np.triu_indices(50, 1)]
    same = select(f"max_herding(radius={np.median(apart)})", 20, embeddings=pool)
    found = select("max_herding(radius=none)", 20, embeddings=pool)
    np.testing.assert_allclose(found.scores, same.scores, rtol=1e-4)


def test_a_radius_is_in_the_embeddings_units_unless_they_are_normalised() -> None:
    pool = np.random.default_rng(2).normal(size=(40, 3))
    near = select("max_herding(radius=2.0, normalise=false)", 15, embeddings=pool)
    far = select("max_herding(radius=2000.0, normalise=false)", 15, embeddings=1000 * pool + 5)
    assert near.indices.tolist() == far.indices.tolist()
    np.testing.assert_allclose(near.scores, far.scores, rtol=1e-3)


def test_copies_of_a_pick_come_last() -> None:
    pool = np.concatenate([np.repeat(np.eye(3), 4, axis=0)])
    found = select("max_herding", 12, embeddings=pool)
    assert sorted(np.argmax(pool[found.indices[:3]], axis=1).tolist()) == [0, 1, 2]
    assert (found.scores[3:] == 0).all()


@pytest.mark.parametrize("parameters", [{"radius": 0.0}, {"radius": "wide"}, {"sample": 0}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        build("max_herding", parameters)  # type: ignore[arg-type]
