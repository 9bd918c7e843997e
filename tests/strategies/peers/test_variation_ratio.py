"""The variation ratio beside scikit-activeml's."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies.variation_ratio import VariationRatio
from alaas.types import Signals

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_activemls(seed: int) -> None:
    theirs = pytest.importorskip("skactiveml.pool")
    says = np.random.default_rng(seed).dirichlet(np.full(5, 0.5), (7, 300))
    scores = VariationRatio().score(Signals(mc_probs=says, probs=says[0]))
    np.testing.assert_array_equal(scores, theirs.variation_ratios(says.argmax(axis=2).T))
