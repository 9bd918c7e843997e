"""small-text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import small_text
from small_text.query_strategies.coresets import greedy_coreset

from benchmarks.peers.zoo import Arrays, Peer

_NONE = np.array([], dtype=int)


class _Fixed:
    """Predicts the probabilities that it holds."""

    multi_label = False

    def __init__(self, probs: Any) -> None:
        self.probs = probs

    def predict_proba(self, _items: Any) -> Any:
        return self.probs


def _uncertainty(make: type) -> Peer:
    def choose(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
        probs = arrays["probs"]
        every = np.arange(len(probs))
        return make().query(_Fixed(probs), range(len(probs)), every, _NONE, _NONE, n=budget)

    return choose


def _k_center(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
    embeddings = arrays["embeddings"]
    every = np.arange(len(embeddings))
    start = int(np.random.default_rng(seed).integers(len(every)))
    rest = np.delete(every, start)
    return [start, *rest[greedy_coreset(embeddings, rest, np.array([start]), budget - 1)]]


STRATEGIES: dict[str, Peer] = {
    "least_confidence": _uncertainty(small_text.LeastConfidence),
    "margin": _uncertainty(small_text.BreakingTies),
    "entropy": _uncertainty(small_text.PredictionEntropy),
    "k_center": _k_center,
}
