"""DropQuery: one item from each part of what dropout makes the model change its mind about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._parameters import check_count
from alaas.strategies._ranking import top_set
from alaas.strategies._scores import predicted
from alaas.strategies.k_means import KMeans
from alaas.types import Floats, Selection, Signals


@dataclass(frozen=True, kw_only=True)
class DropQuery(Strategy):
    """Pick by k-means among the items whose prediction does not survive dropout.

    Needs probs, shape (n, C), without dropout, mc_probs, shape (K, n, C), from K passes with dropout (the
    paper makes three), and embeddings, shape (n, D). An item is a candidate if more than half of the passes
    predict another class than probs do, the one with the lowest number among equals. If there are fewer
    candidates than the budget, the items with the most such passes fill up, ties at random. The candidates
    are put into as many clusters as the budget, and the item nearest to each centre is picked. The score is
    the size of its cluster; larger clusters come first, then items with more such passes. Where too few
    candidates are distinct, the rest is drawn from them at random with score 0.

    Embeddings are clustered as they are, the authors' being the classifier's own; scale them to length 1
    first if only their direction has a meaning.

    Args:
        iterations: most iterations of Lloyd's algorithm; it stops earlier when little improves.
        sample: items per cluster that the centres are fitted on; all candidates are then assigned to them.

    Cost: O(K·n·C + (c + s·i)·B·D) time for c candidates, s = B·sample and i iterations, O(n + c·D) memory.
    When: few labels and a linear head on the embeddings of a foundation model, whose dropout costs nothing.

    Reference: Gupte, Aklilu, Nirschl & Yeung-Levy, 2024, https://arxiv.org/abs/2401.14555
    """

    family = "hybrid"
    needs = frozenset({"probs", "mc_probs", "embeddings"})

    iterations: int = 10
    sample: int = 64

    def __post_init__(self) -> None:
        """Refuse parameters that leave nothing to cluster."""
        check_count("iterations", self.iterations, least=0)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Find the candidates, then leave them to k-means."""
        embeddings, mc_probs = given(signals.embeddings), given(signals.mc_probs)
        changes = _changes(given(signals.probs), mc_probs)
        candidates = np.flatnonzero(2 * changes > len(mc_probs))
        if len(candidates) < budget:
            candidates = np.sort(top_set(changes.astype(np.float64), budget, rng))
        clusters = KMeans(iterations=self.iterations, sample=self.sample)
        found = clusters.choose(Signals(embeddings=embeddings[candidates]), budget, rng)
        picks = candidates[found.indices]
        order = np.lexsort((-changes[picks], -found.scores))
        return Selection(indices=picks[order], scores=found.scores[order])


def _changes(probs: Floats, mc_probs: Floats) -> NDArray[np.int64]:
    """How many passes predict another class than ``probs`` do, shape (n,)."""
    usual = predicted(probs)
    changes = np.zeros(len(usual), dtype=np.int64)
    for draw in mc_probs:
        changes += predicted(draw) != usual
    return changes
