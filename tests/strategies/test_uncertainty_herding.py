"""Uncertainty herding: weights, the radius that adapts, and its two ends."""

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


def unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def distances(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(left[:, np.newaxis] - right, axis=2)


def margins(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    ranked = np.sort(probs, axis=1)
    return 1.0 - (ranked[:, -1] - ranked[:, -2])


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 25), m=st.integers(0, 5), certain=st.booleans(), seed=st.integers(0, 999))
def test_every_pick_raises_weighted_coverage_most(n: int, m: int, certain: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool, known = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    probs = np.eye(3)[rng.integers(3, size=n)] if certain else rng.dirichlet(np.ones(3), n)
    found = select("uncertainty_herding", n, seed, embeddings=pool, labelled_embeddings=known, probs=probs)
    pool, known = unit(pool), unit(known) if m else known
    inside = distances(pool, pool)[np.triu_indices(n, 1)]
    radius = float(np.median(inside)) if n > 1 else 1.0
    if m > 1:
        radius = float(distances(known, known)[np.triu_indices(m, 1)].min())
    weights = np.ones(n) if certain else margins(probs)
    values = np.exp(-np.square(distances(pool, pool)) / radius**2)
    covered = np.exp(-np.square(distances(pool, known)) / radius**2).max(axis=1, initial=0.0)
    # What float32 leaves of a squared distance counts for more, the smaller the radius.
    tolerance = 1e-5 + 6e-6 / radius**2
    for pick, score in zip(found.indices, found.scores, strict=True):
        rise = weights @ np.maximum(values - covered[:, np.newaxis], 0.0) / n
        assert score == pytest.approx(rise[pick], rel=1e-3, abs=tolerance)
        assert rise[pick] == pytest.approx(rise.max(), rel=1e-3, abs=tolerance)
        covered = np.maximum(covered, values[:, pick])


def test_two_labels_close_together_make_it_uncertainty_sampling() -> None:
    rng = np.random.default_rng(0)
    pool, probs = rng.normal(size=(300, 8)), rng.dirichlet(np.ones(4), 300)
    known = np.array([[1.0] + [0.0] * 7, [1.0, 0.01] + [0.0] * 6])
    arrays = {"embeddings": pool, "labelled_embeddings": known, "probs": probs}
    expected = alaas.query("margin", budget=40, probs=probs)
    assert select("uncertainty_herding", 40, **arrays).indices.tolist() == expected.tolist()
    # Also where most items are outside the sample.
    assert select("uncertainty_herding(sample=50)", 40, **arrays).indices.tolist() == expected.tolist()


def test_without_uncertainty_it_is_max_herding() -> None:
    rng = np.random.default_rng(1)
    pool, probs = rng.normal(size=(80, 4)), np.eye(3)[rng.integers(3, size=80)]
    found = select("uncertainty_herding(radius=1.0)", 20, embeddings=pool, probs=probs)
    plain = select("max_herding", 20, embeddings=pool)
    assert found.indices.tolist() == plain.indices.tolist()
    np.testing.assert_allclose(found.scores, plain.scores)


def test_a_group_about_which_the_model_is_unsure_comes_before_a_larger_one() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], [70, 30])
    pool = np.eye(2)[group] + 0.05 * rng.normal(size=(100, 2))
    probs = np.where(group[:, np.newaxis] == 0, [[0.99, 0.01]], [[0.6, 0.4]])
    arrays = {"embeddings": pool, "probs": probs}
    assert group[select("uncertainty_herding(radius=0.5)", 1, **arrays).indices].tolist() == [1]
    assert group[select("max_herding(radius=0.5)", 1, embeddings=pool).indices].tolist() == [0]


def test_any_score_can_be_the_uncertainty() -> None:
    strategy = build("uncertainty_herding(entropy)")
    assert strategy.needs == {"probs", "embeddings"}
    assert strategy.accepts == {"labelled_embeddings"}
    with pytest.raises(ConfigError, match="scores items one by one"):
        build("uncertainty_herding(k_center)")
