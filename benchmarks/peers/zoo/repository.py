"""BADGE step by step as its authors' repository does it (JordanAsh/badge, with factored distances).

Written anew after what that code does for each pick, because it comes with no package: distances to the last
pick from factored inner products, roots taken and squared again, their total by Python's own ``sum``, and a
draw from a distribution that scipy makes for that one draw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from benchmarks.peers.zoo import Arrays, Peer


def _badge(arrays: Arrays, budget: int, seed: int) -> Sequence[int]:
    rng = np.random.default_rng(seed)
    embeddings, residuals = arrays["embeddings"], -arrays["probs"]
    residuals[np.arange(len(residuals)), residuals.argmin(axis=1)] += 1.0
    norms = (embeddings**2).sum(axis=1) * (residuals**2).sum(axis=1)
    every = np.arange(len(norms))
    picks = [int(norms.argmax())]
    nearest = np.full(len(norms), np.inf)
    while len(picks) < budget:
        last = picks[-1]
        squared = norms + norms[last] - 2 * (embeddings @ embeddings[last]) * (residuals @ residuals[last])
        nearest = np.minimum(nearest, np.sqrt(np.clip(squared, 0, None)).astype(float))
        nearest[picks] = 0
        shares = nearest**2 / sum(nearest**2)
        picks.append(int(stats.rv_discrete(values=(every, shares)).rvs(random_state=rng)))
    return picks


STRATEGIES: dict[str, Peer] = {"badge": _badge}
