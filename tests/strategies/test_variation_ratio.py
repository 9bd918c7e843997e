"""The variation ratio against counted votes."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies.least_confidence import LeastConfidence
from alaas.strategies.variation_ratio import VariationRatio
from alaas.types import Signals
from committees import DTYPES, committees


def counted(says: NDArray[np.floating]) -> list[float]:
    """The share of members outside the largest party, item by item."""
    found = []
    for item in range(says.shape[1]):
        parties = Counter(member.tolist().index(max(member.tolist())) for member in says[:, item])
        found.append(1.0 - max(parties.values()) / len(says))
    return found


@given(says=committees(), dtype=DTYPES)
def test_scores_equal_counted_votes(says: NDArray[np.float64], dtype: str) -> None:
    says = says.astype(dtype)
    assert VariationRatio().score(Signals(mc_probs=says, probs=says[0])).tolist() == counted(says)


@given(says=committees(), dtype=DTYPES)
def test_without_a_committee_it_is_least_confidence(says: NDArray[np.float64], dtype: str) -> None:
    signals = Signals(probs=says[0].astype(dtype))
    assert VariationRatio().score(signals).tolist() == LeastConfidence().score(signals).tolist()


@settings(max_examples=40)
@given(says=committees(), budget=st.integers(1, 20), seed=st.integers(0, 99))
def test_picks_are_the_best_in_order(says: NDArray[np.float64], budget: int, seed: int) -> None:
    picks = alaas.query("variation_ratio", budget=budget, mc_probs=says, probs=says[0], seed=seed)
    ranked = np.array(counted(says))
    np.testing.assert_array_equal(ranked[picks], np.sort(ranked)[::-1][:budget])


def test_three_of_four_votes_against_two_of_four() -> None:
    sides = np.eye(2)
    says = np.stack([sides[[0, 0]], sides[[0, 0]], sides[[0, 1]], sides[[1, 1]]])
    found = VariationRatio().select(Signals(mc_probs=says, probs=says[0]), 2, np.random.default_rng(0))
    assert found.indices.tolist() == [1, 0]
    assert found.scores.tolist() == [0.5, 0.25]
