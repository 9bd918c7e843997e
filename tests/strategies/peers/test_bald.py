"""BALD beside small-text's and scikit-activeml's."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies.bald import Bald
from alaas.types import Signals

pytestmark = pytest.mark.peers


def committee(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).dirichlet(np.full(5, 0.5), (7, 300))


@pytest.mark.parametrize("seed", range(3))
def test_picks_are_small_texts(seed: int) -> None:
    theirs = pytest.importorskip("small_text.query_strategies.bayesian").BALD(dropout_samples=7)
    says = committee(seed)
    learner = SimpleNamespace(predict_proba=lambda _, dropout_sampling: says.swapaxes(0, 1))
    pool = np.arange(300)
    expected = theirs.query(learner, pool, pool, np.array([], dtype=int), np.array([]), n=40)
    found = Bald().select(Signals(mc_probs=says), 40, np.random.default_rng(0))
    assert sorted(found.indices.tolist()) == sorted(expected.tolist())


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_activemls(seed: int) -> None:
    theirs = pytest.importorskip("skactiveml.pool")
    says = committee(seed)
    utilities = theirs.batch_bald(says.copy(), batch_size=1)[0]  # it clips what it is given, in place
    np.testing.assert_allclose(Bald().score(Signals(mc_probs=says)), utilities, atol=1e-5)
