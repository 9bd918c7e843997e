"""Information density against all cosines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alaas
from alaas.errors import ConfigError
from alaas.strategies import build
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Signals


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 30),
    shift=st.sampled_from([0.0, 1.0]),
    zeros=st.booleans(),
    beta=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    seed=st.integers(0, 999),
)
def test_score_is_entropy_times_mean_cosine(
    n: int, shift: float, zeros: bool, beta: float, dtype: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    probs, embeddings = rng.dirichlet(np.ones(3), n), (rng.normal(size=(n, 4)) + shift).astype(dtype)
    embeddings[: n // 3 if zeros else 0] = 0.0
    wide = embeddings.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    wide /= np.where(lengths > 0, lengths, 1.0)
    density = np.maximum((wide @ wide.T).mean(axis=1), 0.0)
    expected = -(probs * np.log(probs)).sum(axis=1) * density**beta
    strategy = build("information_density", {"beta": beta})
    assert isinstance(strategy, ScoreStrategy)
    found = strategy.score(Signals(probs=probs, embeddings=embeddings))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3 if beta == 0.5 else 1e-6)


def test_an_uncertain_outlier_comes_after_uncertain_items_in_a_crowd() -> None:
    embeddings = np.array([[1.0, 0.0]] * 8 + [[-1.0, 0.1]])
    probs = np.array([[0.9, 0.1]] * 7 + [[0.6, 0.4]] + [[0.5, 0.5]])
    assert alaas.query("entropy", budget=1, probs=probs).tolist() == [8]
    assert alaas.query("information_density", budget=1, probs=probs, embeddings=embeddings).tolist() == [7]


def test_any_score_can_be_weighted() -> None:
    assert build("information_density(margin, beta=2)").needs == {"probs", "embeddings"}
    with pytest.raises(ConfigError, match="scores items one by one"):
        build("information_density(k_center)")
    with pytest.raises(ConfigError, match="beta"):
        build("information_density(beta=-1)")
