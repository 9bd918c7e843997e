"""Votes: several annotators' answers counted, without a model's or anybody's better knowledge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks

_VOTES_BYTES = 1 << 20
"""The votes for all classes that some items' answers become: they stay in a core's own cache."""


def tally(
    answers: NDArray[np.int64], classes: int, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return how many annotators chose each class, or what these weigh, shape (m, C).

    Args:
        answers: class numbers, -1 for none, shape (m, A).
        classes: C.
        weights: what each annotator weighs, shape (A,).
    """
    rows, annotators = np.nonzero(answers >= 0)
    cells = rows * classes + answers[rows, annotators]
    shares = None if weights is None else weights[annotators]
    counts = np.bincount(cells, shares, len(answers) * classes)
    return counts.reshape(len(answers), classes).astype(np.float64, copy=False)


def agreement(answers: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """How often each annotator agrees with another answer to the same item, shape (A,)."""
    same, total = np.zeros(answers.shape[1]), np.zeros(answers.shape[1])
    for _, rows in blocks(answers, answers.shape[1] * _VOTES_BYTES // classes):
        spoke = rows >= 0
        votes = np.take_along_axis(tally(rows, classes), np.maximum(rows, 0), axis=1)
        same += ((votes - 1.0) * spoke).sum(axis=0)
        total += ((spoke.sum(axis=1, keepdims=True) - 1.0) * spoke).sum(axis=0)
    return _rates(same, total)


def siding(answers: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """How often each annotator answers as the majority, where there is a clear one, shape (A,)."""
    same, total = np.zeros(answers.shape[1]), np.zeros(answers.shape[1])
    for _, rows in blocks(answers, answers.shape[1] * _VOTES_BYTES // classes):
        votes = tally(rows, classes)
        clear = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) == 1
        same += (clear & (rows == votes.argmax(axis=1)[:, np.newaxis])).sum(axis=0)
        total += (clear & (rows >= 0)).sum(axis=0)
    return _rates(same, total)


def _rates(same: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Same / total, and the others' mean for an annotator who had no occasion."""
    known = total > 0
    rates = same / np.maximum(total, 1.0)
    rates[~known] = rates[known].mean() if known.any() else 0.0
    return rates
