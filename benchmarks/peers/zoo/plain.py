"""The textbook algorithms in plain numpy: one pick, one pass over the pool.

What a careful person writes in an afternoon: exact, vectorised, matrix-vector products in float32; for BADGE
with the distances between gradients factored, as its authors do, so that no gradient is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.zoo import Arrays, Peer


def _k_center(arrays: Arrays, budget: int, _seed: int) -> Sequence[int]:
    centre = arrays["embeddings"].mean(axis=0)
    points = arrays["embeddings"] - centre
    norms = np.einsum("ij,ij->i", points, points)
    nearest, picks = np.full(len(points), np.inf, dtype=np.float32), []

    def reach(point: NDArray[np.float32]) -> None:
        np.minimum(nearest, norms + point @ point - 2.0 * (points @ point), out=nearest)

    for point in arrays["labelled_embeddings"] - centre:
        reach(point)
    while len(picks) < budget:
        picks.append(int(nearest.argmax()))
        reach(points[picks[-1]])
        nearest[picks[-1]] = -1.0
    return picks


def _badge(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
    rng = np.random.default_rng(seed)
    embeddings, residuals = arrays["embeddings"], arrays["probs"].copy()
    residuals[np.arange(len(residuals)), residuals.argmax(axis=1)] -= 1.0
    norms = np.einsum("ij,ij->i", embeddings, embeddings) * np.einsum("ij,ij->i", residuals, residuals)
    nearest, picks = np.full(len(norms), np.inf, dtype=np.float32), [int(norms.argmax())]
    while len(picks) < budget:
        last = picks[-1]
        products = (embeddings @ embeddings[last]) * (residuals @ residuals[last])
        np.minimum(nearest, np.maximum(norms + norms[last] - 2.0 * products, 0.0), out=nearest)
        nearest[picks] = 0.0
        weights = nearest.astype(np.float64)
        picks.append(int(rng.choice(len(weights), p=weights / weights.sum())))
    return picks


STRATEGIES: dict[str, Peer] = {"k_center": _k_center, "badge": _badge}
