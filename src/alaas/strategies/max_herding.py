"""MaxHerding: a batch that leaves something similar near every item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._coverage import Cover, cover
from alaas.strategies._distances import in_space, median_distance
from alaas.strategies._kernels import Gaussian
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._ranking import the_rest
from alaas.types import Selection, Signals


@dataclass(frozen=True, kw_only=True)
class MaxHerding(Strategy):
    """Pick the items that raise the pool's coverage most, where similar items cover each other softly.

    Needs embeddings, shape (n, D); what is labelled already, labelled_embeddings of shape (m, D), covers too.
    An item is covered as much as exp(-d²/r²), where d is the distance to the nearest labelled or picked one
    and r the radius. Each pick is the item by which the pool's mean coverage rises most, and the score is by
    how much. The first picks are typical of large groups, later ones fill the gaps. Items that coincide with
    one that is labelled or picked come last, at random, with score 0. In pools above ``sample`` items an
    item's own term is exact and those of the others are estimated from that many, drawn at random, so scores
    are estimates too; every item can be picked.

    Args:
        radius: the distance at which coverage has fallen to 37 %; none takes the median distance of items.
        normalise: bring embeddings to length 1 first, for which the radius of 1 is meant.
        sample: the most items over which coverage is summed up; want at least five for each pick.

    Cost: O(min(n, sample)·n·D) time in about five passes of matrix products, O(n·D) memory.
    When: a small first batch, without labels; less sensitive to its radius than prob_cover.

    Reference: Bae, Noh & Sutherland, 2024, https://arxiv.org/abs/2407.12212
    """

    family = "density"
    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings"})

    radius: float | None = 1.0
    normalise: bool = True
    sample: int = 5_000

    def __post_init__(self) -> None:
        """Refuse a radius that is none, and an empty sample."""
        if self.radius is not None:
            check_number("radius", self.radius, least=1e-6)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Cover the pool greedily."""
        points, labelled, unit = in_space(
            given(signals.embeddings), signals.labelled_embeddings, self.normalise
        )
        radius = median_distance(points, rng) if self.radius is None else self.radius * unit
        found = cover(points, labelled, Gaussian(radius=radius or 1.0), budget, self.sample, rng)
        return filled(found, len(points), budget, rng)


def filled(found: Cover, n: int, budget: int, rng: np.random.Generator) -> Selection:
    """A cover as a selection; what it lacks is drawn at random with score 0."""
    rest = the_rest(found.indices, n, budget - len(found.indices), rng)
    return Selection(
        indices=np.concatenate([found.indices, rest]),
        scores=np.concatenate([found.gains, np.zeros(len(rest))]),
    )
