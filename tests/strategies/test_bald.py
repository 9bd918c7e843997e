"""BALD against the mutual information of a table of joint probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies.bald import Bald
from alaas.types import Signals
from committees import DTYPES, committees


def mutual_information(says: NDArray[np.floating]) -> list[float]:
    """Σ p(k, y)·ln(p(k, y) / (p(k)·p(y))) with all members equally likely, item by item."""
    found = []
    for item in range(says.shape[1]):
        joint = says[:, item].astype(np.float64) / len(says)
        total = 0.0
        for member in joint:
            for label, both in enumerate(member.tolist()):
                if both > 0.0:
                    total += both * math.log(both / (joint[:, label].sum() / len(says)))
        found.append(total)
    return found


@given(says=committees(), dtype=DTYPES)
def test_scores_are_the_mutual_information(says: NDArray[np.float64], dtype: str) -> None:
    says = says.astype(dtype)
    scores = Bald().score(Signals(mc_probs=says))
    np.testing.assert_allclose(scores, mutual_information(says), rtol=1e-9, atol=2e-12)
    assert (scores >= 0.0).all()


@settings(max_examples=40)
@given(says=committees(), budget=st.integers(1, 20), seed=st.integers(0, 99))
def test_picks_are_the_best_in_order(says: NDArray[np.float64], budget: int, seed: int) -> None:
    scores = Bald().score(Signals(mc_probs=says))
    picks = alaas.query("bald", budget=budget, mc_probs=says, seed=seed)
    np.testing.assert_array_equal(scores[picks], np.sort(scores)[::-1][:budget])


def test_confident_disagreement_counts_and_shared_doubt_does_not() -> None:
    says = np.array([[[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]])
    scores = Bald().score(Signals(mc_probs=says))
    assert scores[0] == pytest.approx(math.log(2))
    assert scores[1:].tolist() == [0.0, 0.0]
