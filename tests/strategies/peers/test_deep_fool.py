"""With two classes the nearest boundary is the only one, so DeepFool picks what margin sampling picks.

No compared package has DeepFool for a linear head; scikit-activeml and modAL have the margin. With more
classes the orders differ on purpose: a margin is no distance.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import alaas

pytestmark = pytest.mark.peers


def example(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    embeddings, weights = rng.normal(size=(500, 8)), rng.normal(size=(2, 9))
    logits = embeddings @ weights[:, :-1].T + weights[:, -1]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return embeddings, weights, powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_two_classes_come_in_the_order_of_scikit_activemls_margin(seed: int) -> None:
    pool = pytest.importorskip("skactiveml.pool")
    embeddings, weights, probs = example(seed)
    ours = alaas.query("deep_fool", budget=50, embeddings=embeddings, weights=weights)
    theirs = pool.uncertainty_scores(probs, method="margin_sampling")
    assert ours.tolist() == np.argsort(-theirs)[:50].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_two_classes_come_in_the_order_of_modals_margin(seed: int) -> None:
    uncertainty = pytest.importorskip("modAL.uncertainty")
    embeddings, weights, probs = example(seed)

    class Head:
        def predict_proba(self, rows: NDArray[np.float64], **_: object) -> NDArray[np.float64]:
            return probs

    ours = alaas.query("deep_fool", budget=50, embeddings=embeddings, weights=weights)
    theirs = uncertainty.classifier_margin(Head(), embeddings)
    assert ours.tolist() == np.argsort(theirs)[:50].tolist()
