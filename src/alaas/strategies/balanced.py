"""Balanced: a quota for each class, filled by any strategy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.strategies._base import Strategy
from alaas.strategies._checks import class_numbers, given
from alaas.strategies._parameters import check_number
from alaas.strategies._scores import predicted
from alaas.strategies.margin import Margin
from alaas.types import Indices, Selection, SignalName, Signals

_PROBS: frozenset[SignalName] = frozenset({"probs"})
_LABELS: frozenset[SignalName] = frozenset({"labels"})


@dataclass(frozen=True, kw_only=True)
class Balanced(Strategy):
    """Divide the budget among the predicted classes and let a strategy choose within each.

    Written ``balanced(margin)``. Needs probs, shape (n, C), besides what the inner strategy needs; an item
    belongs to its likeliest class. Quotas bring labelled and picked items together as close to the wanted
    shares as the pool allows: classes with few labels get more, and what a small class cannot give goes to
    the others. With labels, shape (m,), what is labelled counts; without, only the batch is balanced. Picks
    take turns among the classes; scores are the inner strategy's.

    Args:
        strategy: chooses within a class.
        shares: the wanted share of each class, C numbers in any unit; equal shares if left out.

    Cost: the inner strategy's on each class, and O(n·C).
    When: rare classes would be left out; or the labels so far are lopsided.
    """

    family = "combination"

    strategy: Strategy = Margin()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        for share in self.shares:
            check_number("a share", share, least=0.0)
        if self.shares and sum(self.shares) <= 0.0:
            raise ConfigError("shares must not all be 0")

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs, and probs."""
        return self.strategy.needs.union(_PROBS)

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses, and labels."""
        return self.strategy.accepts.union(_LABELS) - self.needs

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Fill each class's quota."""
        probs = given(signals.probs)
        classes = probs.shape[1]
        found_in = predicted(probs)
        have = np.zeros(classes, dtype=np.int64)
        if signals.labels is not None:
            have += np.bincount(class_numbers(self.name, signals.labels, classes), minlength=classes)
        sizes = np.bincount(found_in, minlength=classes)
        quotas = fill_quotas(sizes, have, self._shares(classes), budget, rng)
        parts = []
        for number in np.flatnonzero(quotas):
            members = np.flatnonzero(found_in == number)
            found = self.strategy.choose(signals.take(members), int(quotas[number]), rng)
            parts.append(Selection(indices=members[found.indices], scores=found.scores))
        return _in_turns(parts, rng)

    def _shares(self, classes: int) -> NDArray[np.float64]:
        if not self.shares:
            return np.full(classes, 1.0 / classes)
        if len(self.shares) != classes:
            raise ConfigError(
                f"balanced got {len(self.shares)} shares for {classes} classes; give one for each"
            )
        return np.array(self.shares, dtype=np.float64) / sum(self.shares)


def fill_quotas(
    sizes: NDArray[np.int64],
    have: NDArray[np.int64],
    shares: NDArray[np.float64],
    budget: int,
    rng: np.random.Generator,
) -> Indices:
    """Divide ``budget`` so that have + quota comes close to the shares of the total, and no class is
    overdrawn.

    One at a time, to the class that is farthest below its share of the final total and still has items; equal
    classes take turns at random. O(B·C).

    Args:
        sizes: items that each class can give, shape (C,); their sum is at least ``budget``.
        have: what each class has already, shape (C,).
        shares: wanted shares, shape (C,), with sum 1.
        budget: how many to divide.
        rng: drawn from for ties.
    """
    lacking = shares * (have.sum() + budget) - have
    quotas = np.zeros(len(sizes), dtype=np.int64)
    for _ in range(budget):
        open_classes = np.flatnonzero(quotas < sizes)
        want = lacking[open_classes] - quotas[open_classes]
        best = open_classes[np.flatnonzero(want == want.max())]
        quotas[best[rng.integers(len(best))]] += 1
    return quotas


def _in_turns(parts: list[Selection], rng: np.random.Generator) -> Selection:
    """The first picks of all parts, then the second, and so on; the parts in random order."""
    order = rng.permutation(len(parts))
    ranks = np.concatenate([np.arange(len(parts[place].indices)) for place in order])
    turns = np.argsort(ranks, kind="stable")
    return Selection(
        indices=np.concatenate([parts[place].indices for place in order])[turns],
        scores=np.concatenate([parts[place].scores for place in order])[turns],
    )
