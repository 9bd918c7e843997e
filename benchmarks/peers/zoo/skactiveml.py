"""scikit-activeml, with a classifier that answers what it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from skactiveml import pool
from skactiveml.base import SkactivemlClassifier

from benchmarks.peers.zoo import Arrays, Peer


class _Fixed(SkactivemlClassifier):
    """Predicts the probabilities that it holds."""

    def __init__(self, probs=None, classes=None, missing_label=np.nan, cost_matrix=None, random_state=None):
        super().__init__(
            classes=classes, missing_label=missing_label, cost_matrix=cost_matrix, random_state=random_state
        )
        self.probs = probs

    def fit(self, X, y, sample_weight=None):  # noqa: ARG002, N803
        self.classes_ = np.arange(self.probs.shape[1])
        return self

    def predict_proba(self, X):  # noqa: ARG002, N803
        return self.probs

    def predict(self, X):  # noqa: ARG002, N803
        return self.probs.argmax(axis=1)


def _with_model(make: Callable[[int], Any]) -> Peer:
    def choose(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
        probs, embeddings = arrays["probs"], arrays["embeddings"]
        unknown = np.full(len(probs), np.nan)
        model = _Fixed(probs, classes=list(range(probs.shape[1]))).fit(embeddings, unknown)
        return make(seed).query(embeddings, unknown, model, fit_clf=False, batch_size=budget)

    return choose


def _without_model(make: Callable[[int], Any]) -> Peer:
    def choose(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
        embeddings = arrays["embeddings"]
        return make(seed).query(embeddings, np.full(len(embeddings), np.nan), batch_size=budget)

    return choose


STRATEGIES: dict[str, Peer] = {
    "least_confidence": _with_model(
        lambda seed: pool.UncertaintySampling(method="least_confident", random_state=seed)
    ),
    "margin": _with_model(lambda seed: pool.UncertaintySampling(method="margin_sampling", random_state=seed)),
    "entropy": _with_model(lambda seed: pool.UncertaintySampling(method="entropy", random_state=seed)),
    "badge": _with_model(lambda seed: pool.Badge(random_state=seed)),
    "k_center": _without_model(lambda seed: pool.CoreSet(random_state=seed)),
    "typiclust": _without_model(lambda seed: pool.TypiClust(random_state=seed)),
    "prob_cover": _without_model(lambda seed: pool.ProbCover(n_classes=10, random_state=seed)),
    "max_herding": _without_model(lambda seed: pool.MaxHerding(random_state=seed)),
}
