"""GALAXY: for each class, search for the place where it ends among the items sorted by their score for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._bisection import Line
from alaas.strategies._checks import class_numbers, given
from alaas.strategies._scores import predicted
from alaas.strategies.random import Random
from alaas.types import Floats, Indices, Selection, Signals


@dataclass(frozen=True, kw_only=True)
class Galaxy(Strategy):
    """Pick, class by class, where the items of the class and the others meet in its own order.

    Needs probs, shape (n, C), labelled_probs, shape (m, C), and labels, shape (m,). For each class that has
    labels, the pool and the labelled items are put in order by p - max p, where p is the probability of the
    class, and those for which this is 0 by p; equal ones at random. The classes take turns. Each picks the
    middle of the shortest gap in its order between a labelled item of its own and one of another class; when
    no gap is left it goes outwards, one by one, from the places where the two meet. So a rare class gets as
    many picks as a common one, near the items that decide where it ends, wherever the model believes that.

    The paper asks for each label before the next pick. In a batch without answers a pick counts as labelled
    by its predicted class, in the orders of all classes. The paper takes any of several shortest paths
    between the two kinds; here it is the one whose middle is nearest to both. Classes without labels get no
    turn; with fewer than two classes among the labels the choice is random. Picks have no score.

    Cost: O(C·n·log n) time to sort, O(C·log n) for each pick, O(n·C) memory.
    When: rare classes or one very common one, with labels of at least two of them.

    Reference: Zhang, Katz-Samuels & Nowak, 2022, https://arxiv.org/abs/2202.01402
    """

    family = "hybrid"
    needs = frozenset({"probs", "labelled_probs", "labels"})

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Let the classes take turns, each on its own line."""
        probs, known = given(signals.probs), given(signals.labelled_probs)
        n, classes = probs.shape
        labels = class_numbers(self.name, given(signals.labels), classes)
        seen = rng.permutation(np.unique(labels))
        if len(seen) < 2:
            return Random().choose(signals, budget, rng)
        presumed = predicted(probs)
        orders = _orders(probs, known, seen, rng)
        places = np.empty_like(orders)
        np.put_along_axis(places, orders, np.arange(orders.shape[1], dtype=orders.dtype)[np.newaxis], axis=1)
        lines = [
            Line(orders.shape[1], row[n:], labels == number, rng)
            for row, number in zip(places, seen, strict=True)
        ]
        picks = np.empty(budget, dtype=np.int64)
        for turn in range(budget):
            own = turn % len(lines)
            picks[turn] = pick = orders[own, lines[own].next()]
            for line, place, number in zip(lines, places[:, pick].tolist(), seen, strict=True):
                line.mark(place, bool(presumed[pick] == number))
        return Selection(indices=picks, scores=np.full(budget, np.nan))


def _orders(probs: Floats, known: Floats, numbers: Indices, rng: np.random.Generator) -> NDArray[np.int32]:
    """For each class all items, pool first and then labelled, from the least to the most likely one."""
    most = np.concatenate([rows[np.arange(len(rows)), predicted(rows)] for rows in (probs, known)])
    shuffled = rng.permutation(len(most)).astype(np.int32)
    orders = np.empty((len(numbers), len(most)), dtype=np.int32)
    for row, number in zip(orders, numbers, strict=True):
        own = np.concatenate([probs[:, number], known[:, number]]).astype(np.float64)
        keys = np.where(own >= most, own, own - most)
        row[:] = shuffled[np.argsort(keys[shuffled], kind="stable")]
    return orders
