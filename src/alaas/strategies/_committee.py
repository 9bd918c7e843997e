"""Strategies that score each item by how far several models disagree about it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies.entropy import Entropy
from alaas.types import Floats, Signals

Measure: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From what K members say of some items, shape (K, rows, C), to a score for each of these, shape (rows,)."""

ROUNDING = 1e-12
"""Information below this many nats is what rounding leaves of none."""

_BLOCK_BYTES = 1 << 20
"""All members' rows of a block and their temporaries stay in a core's own cache."""


class CommitteeStrategy(ScoreStrategy):
    """Scores each item by the class probabilities that several members give it.

    A subclass implements ``disagreement`` on a block of items; mc_probs are read once, block by block, so
    memory is O(n) for the scores however many members a memory-mapped file holds.
    """

    needs = frozenset({"mc_probs"})
    alone = True

    @abstractmethod
    def disagreement(self, members: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each item's score, shape (rows,); ``members`` has shape (K, rows, C), none negative."""

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Stream the members' probabilities through ``disagreement``."""
        return streamed(given(signals.mc_probs), self.disagreement)


def streamed(mc_probs: Floats, measure: Measure) -> NDArray[np.float64]:
    """Score all items, shape (n,), by a measure of what the members say, block by block."""
    items = mc_probs.swapaxes(0, 1)  # blocks run over the first axis
    scores = np.empty(len(items), dtype=np.float64)
    for start, block in blocks(items, _BLOCK_BYTES):
        members = np.maximum(block.swapaxes(0, 1), 0.0, dtype=np.float64)
        scores[start : start + len(block)] = measure(members)
    return scores


def votes(members: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many members find each class the likeliest, shape (rows, C).

    A member that finds several equally likely votes for the one with the lowest number.
    """
    _, rows, classes = members.shape
    cells = members.argmax(axis=2) + classes * np.arange(rows)
    return np.bincount(cells.ravel(), minlength=rows * classes).reshape(rows, classes)


def entropies(members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of each member's prediction in nats, shape (K, rows)."""
    return Entropy().uncertainty(members.reshape(-1, members.shape[2])).reshape(members.shape[:2])


def consensus_entropy(members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of the members' mean prediction in nats, shape (rows,)."""
    return Entropy().uncertainty(members.mean(axis=0))


def information(members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a label says about which member is right, in nats, shape (rows,).

    It is the entropy of the mean prediction less the mean entropy, and also the mean Kullback-Leibler
    divergence of the members from the mean prediction. Exactly 0 where all members say the same.
    """
    gained: NDArray[np.float64] = consensus_entropy(members) - entropies(members).mean(axis=0)
    gained[gained < ROUNDING] = 0.0
    return gained
