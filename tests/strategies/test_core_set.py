"""Core-set: never worse than greedy k-center, and close to the best there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.types import Selection, Signals


def select(
    expression: str, budget: int, seed: int, pool: NDArray[np.floating], known: NDArray[np.floating]
) -> Selection:
    signals = Signals(embeddings=pool, labelled_embeddings=known)
    return build(expression).select(signals, budget, np.random.default_rng(seed))


def radius(pool: NDArray[np.float64], centres: NDArray[np.float64], outliers: float) -> float:
    nearest = np.sort(np.linalg.norm(pool[:, np.newaxis] - centres, axis=2).min(axis=1))
    return float(nearest[len(pool) - 1 - min(int(outliers * len(pool)), len(pool) - 1)])


@settings(max_examples=50, deadline=None)
@given(
    n=st.integers(1, 60),
    m=st.integers(0, 4),
    budget=st.integers(1, 12),
    outliers=st.sampled_from([0.0, 1e-4, 0.05, 0.3, 1.0]),
    sample=st.sampled_from([10, 5000]),
    repeated=st.booleans(),
    seed=st.integers(0, 999),
)
def test_never_worse_than_greedy_k_center(
    n: int, m: int, budget: int, outliers: float, sample: int, repeated: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pool, known = rng.normal(size=(n, 3)) * rng.gamma(0.5, size=(n, 1)), rng.normal(size=(m, 3))
    if repeated:
        pool = pool[rng.integers(max(1, n // 2), size=n)]
    budget = min(budget, n)
    found = select(f"core_set(outliers={outliers}, sample={sample})", budget, seed, pool, known)
    greedy = select("k_center", budget, seed, pool, known)
    ours, theirs = (
        radius(pool, np.concatenate([known, pool[picks.indices]]), outliers) for picks in (found, greedy)
    )
    assert ours <= theirs * (1 + 1e-3) + 5e-3 * np.abs(pool).max()


@pytest.mark.parametrize("outliers", [0.0, 0.1])
def test_nearly_the_best_of_all_batches(outliers: float) -> None:
    equal = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        pool, known = rng.normal(size=(14, 2)), rng.normal(size=(seed % 3, 2))
        found = select(f"core_set(outliers={outliers})", 3, seed, pool, known)
        ours = radius(pool, np.concatenate([known, pool[found.indices]]), outliers)
        best = min(
            radius(pool, np.concatenate([known, pool[list(batch)]]), outliers)
            for batch in itertools.combinations(range(14), 3)
        )
        assert ours <= 2 * best + 1e-6
        equal += ours <= best * (1 + 1e-3)
    assert equal >= 10


def test_an_outlier_gets_no_label() -> None:
    rng = np.random.default_rng(0)
    pool = np.concatenate([rng.normal(size=(60, 2)), [[500.0, 0.0]]])
    known = np.zeros((1, 2))
    assert 60 in alaas.query("k_center", budget=5, embeddings=pool, labelled_embeddings=known)
    picks = alaas.query(
        "core_set", budget=5, embeddings=pool, labelled_embeddings=known, parameters={"outliers": 0.02}
    )
    assert 60 not in picks
    assert 60 in alaas.query("core_set", budget=5, embeddings=pool, labelled_embeddings=known)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 40), m=st.integers(0, 3), seed=st.integers(0, 99))
def test_scores_are_distances_to_labelled_and_earlier_items(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pool, known = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    found = select("core_set(outliers=0.1)", min(n, 8), seed, pool, known)
    for place, (pick, score) in enumerate(zip(found.indices, found.scores, strict=True)):
        before = np.concatenate([known, pool[found.indices[:place]]])
        if len(before) == 0:
            assert np.isnan(score)
        else:
            nearest = np.linalg.norm(before - pool[pick], axis=1).min()
            assert score == pytest.approx(nearest, rel=1e-3, abs=5e-3)


@pytest.mark.parametrize("parameters", [{"outliers": -0.1}, {"outliers": 1.1}, {"steps": -1}, {"sample": 0}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        build("core_set", parameters)  # type: ignore[arg-type]
