"""Contrastive scores against scikit-activeml's."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.strategies.contrastive import Contrastive
from alaas.types import Signals

pytestmark = pytest.mark.peers

pool = pytest.importorskip("skactiveml.pool")
classifiers = pytest.importorskip("skactiveml.classifier")


@pytest.mark.parametrize("labelled", [3, 40])
@pytest.mark.parametrize("neighbours", [1, 10])
def test_scores_and_picks_are_the_same(labelled: int, neighbours: int) -> None:
    """small-text's is not compared: it looks for neighbours among all items, unlabelled ones included."""
    rng = np.random.default_rng(0)
    n = 200
    points = rng.normal(size=(n + labelled, 4))
    answers = np.full(n + labelled, np.nan)
    answers[n:] = np.arange(labelled) % 3
    learner = classifiers.ParzenWindowClassifier(classes=[0, 1, 2]).fit(points, answers)
    probs = learner.predict_proba(points)
    peer = pool.ContrastiveAL(nearest_neighbors_dict={"n_neighbors": neighbours}, random_state=0)
    picks, utilities = peer.query(
        points, answers, learner, fit_clf=False, batch_size=20, return_utilities=True
    )
    signals = Signals(
        probs=probs[:n],
        embeddings=points[:n],
        labelled_embeddings=points[n:],
        labelled_probs=probs[n:],
    )
    strategy = Contrastive(neighbours=neighbours)
    np.testing.assert_allclose(strategy.score(signals), utilities[0, :n], rtol=1e-6, atol=1e-9)
    found = strategy.select(signals, 20, np.random.default_rng(0))
    assert found.indices.tolist() == picks.tolist()
