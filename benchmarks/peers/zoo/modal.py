"""modAL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import modAL.density
import modAL.uncertainty
import numpy as np

from benchmarks.peers.zoo import Arrays, Peer


class _Fixed:
    """Predicts the probabilities that it holds."""

    def __init__(self, probs: Any) -> None:
        self.probs = probs

    def predict_proba(self, _items: Any, **_: Any) -> Any:
        return self.probs


def _uncertainty(query: Callable[..., Any]) -> Peer:
    def choose(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
        return query(_Fixed(arrays["probs"]), arrays["embeddings"], n_instances=budget)[0]

    return choose


def _information_density(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
    density = modAL.density.information_density(arrays["embeddings"], "cosine")
    entropy = modAL.uncertainty.classifier_entropy(_Fixed(arrays["probs"]), arrays["embeddings"])
    return np.argsort(-density * entropy)[:budget]


STRATEGIES: dict[str, Peer] = {
    "least_confidence": _uncertainty(modAL.uncertainty.uncertainty_sampling),
    "margin": _uncertainty(modAL.uncertainty.margin_sampling),
    "entropy": _uncertainty(modAL.uncertainty.entropy_sampling),
    "information_density": _information_density,
}
