"""ALiPy, which expects names that Python 3.10 moved."""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Sequence

import numpy as np

from benchmarks.peers.zoo import Arrays, Peer

for _name in ("Iterable", "Mapping", "Sequence"):
    setattr(collections, _name, getattr(collections.abc, _name))

from alipy.query_strategy.query_labels import (  # noqa: E402
    QueryInstanceCoresetGreedy,
    QueryInstanceUncertainty,
)


def _uncertainty(measure: str) -> Peer:
    def choose(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
        probs = arrays["probs"]
        strategy = QueryInstanceUncertainty(measure=measure)
        return strategy.select_by_prediction_mat(np.arange(len(probs)), probs, batch_size=budget)

    return choose


def _k_center(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
    embeddings = arrays["embeddings"]
    every = np.arange(len(embeddings))
    start = int(np.random.default_rng(seed).integers(len(every)))
    strategy = QueryInstanceCoresetGreedy(X=embeddings, y=np.zeros(len(every), int), train_idx=every)
    rest = np.delete(every, start)
    return [start, *strategy.select(label_index=[start], unlabel_index=rest, batch_size=budget - 1)]


STRATEGIES: dict[str, Peer] = {
    "least_confidence": _uncertainty("least_confident"),
    "margin": _uncertainty("margin"),
    "entropy": _uncertainty("entropy"),
    "k_center": _k_center,
}
