"""Query by committee beside modAL's and scikit-activeml's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies.query_by_committee import QueryByCommittee
from alaas.types import Signals

pytestmark = pytest.mark.peers


@dataclass
class Committee:
    """What modAL asks a committee."""

    says: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.says)

    @property
    def classes_(self) -> NDArray[np.int64]:
        return np.arange(self.says.shape[2])

    def vote(self, _: object) -> NDArray[np.int64]:
        return self.says.argmax(axis=2).T

    def predict_proba(self, _: object) -> NDArray[np.float64]:
        return self.says.mean(axis=0)


def committee(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).dirichlet(np.full(5, 0.5), (7, 300))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("measure", ["vote_entropy", "consensus_entropy"])
def test_scores_equal_modals(measure: str, seed: int) -> None:
    theirs = pytest.importorskip("modAL.disagreement")
    says = committee(seed)
    scores = QueryByCommittee(measure=measure).score(Signals(mc_probs=says))  # type: ignore[arg-type]
    expected = getattr(theirs, measure)(Committee(says), np.empty((300, 1)))
    np.testing.assert_allclose(scores, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_activemls(seed: int) -> None:
    """Its divergences clip probabilities to at least 1e-7; ours use them as they are."""
    theirs = pytest.importorskip("skactiveml.pool")
    says = committee(seed)
    votes = QueryByCommittee().score(Signals(mc_probs=says))
    np.testing.assert_allclose(votes, theirs.vote_entropy(says.argmax(axis=2).T, range(5)), atol=1e-12)
    divergences = QueryByCommittee(measure="kl").score(Signals(mc_probs=says))
    np.testing.assert_allclose(divergences, theirs.average_kl_divergence(says.copy()), atol=1e-5)
