"""The mean standard deviation against the textbook's."""

from __future__ import annotations

import statistics

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies.mean_std import MeanStd
from alaas.types import Signals
from committees import DTYPES, committees


def textbook(says: NDArray[np.floating]) -> list[float]:
    return [
        statistics.fmean(statistics.pstdev(column) for column in says[:, item].T.astype(float).tolist())
        for item in range(says.shape[1])
    ]


@given(says=committees(members=4, items=6, classes=(1, 2, 3)), dtype=DTYPES)
def test_scores_equal_the_textbooks(says: NDArray[np.float64], dtype: str) -> None:
    says = says.astype(dtype)
    np.testing.assert_allclose(MeanStd().score(Signals(mc_probs=says)), textbook(says), rtol=1e-9, atol=1e-12)


@settings(max_examples=40)
@given(says=committees(), budget=st.integers(1, 20), seed=st.integers(0, 99))
def test_picks_are_the_best_in_order(says: NDArray[np.float64], budget: int, seed: int) -> None:
    scores = MeanStd().score(Signals(mc_probs=says))
    picks = alaas.query("mean_std", budget=budget, mc_probs=says, seed=seed)
    np.testing.assert_array_equal(scores[picks], np.sort(scores)[::-1][:budget])


def test_two_members_of_opposite_certainty_differ_most() -> None:
    says = np.array([[[1.0, 0.0], [0.6, 0.4], [0.5, 0.5]], [[0.0, 1.0], [0.4, 0.6], [0.5, 0.5]]])
    found = MeanStd().select(Signals(mc_probs=says), 3, np.random.default_rng(0))
    assert found.indices.tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.scores, [0.5, 0.1, 0.0], atol=1e-15)
