"""Uncertainty herding: coverage of what the model is unsure about, from the first label to many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._combining import scored, scoring
from alaas.strategies._coverage import cover
from alaas.strategies._distances import in_space, median_distance, smallest_distance
from alaas.strategies._kernels import Gaussian
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies.margin import Margin
from alaas.strategies.max_herding import filled
from alaas.types import Selection, SignalName, Signals

_EMBEDDINGS: frozenset[SignalName] = frozenset({"embeddings"})
_LABELLED: frozenset[SignalName] = frozenset({"labelled_embeddings"})


@dataclass(frozen=True, kw_only=True)
class UncertaintyHerding(Strategy):
    """Pick the items that raise the pool's coverage most, where uncertain items count more.

    Needs embeddings, shape (n, D), and what the uncertainty needs: probs, shape (n, C), by default. Coverage
    is that of max_herding, each item's weighted by its uncertainty, and the radius shrinks as labels come in:
    it is the smallest distance between labelled items (labelled_embeddings, shape (m, D)) that do not
    coincide. With few labels a pick stands for its surroundings; with many, for itself, which is uncertainty
    sampling. Without two such items the radius is the median distance in the pool. The score is the mean rise
    of weighted coverage, estimated in pools above ``sample`` items. Where all uncertainties are 0, all items
    count the same. Items that add nothing come last, at random, with score 0. The paper also calibrates
    probabilities by a temperature: that is the learner's part, before it passes them on.

    Args:
        uncertainty: scores items one by one, at least 0.
        radius: fixes the distance at which coverage has fallen to 37 %; none adapts it to the labels.
        normalise: bring embeddings to length 1 first.
        sample: the most items over which coverage is summed up; want at least five for each pick.

    Cost: the uncertainty, O(m²·D), and O(min(n, sample)·n·D) time in matrix products; O(n·D) memory.
    When: one strategy for all rounds, whether labels are few or many.

    Reference: Bae, Oliveira & Sutherland, 2025, https://arxiv.org/abs/2412.20644
    """

    family = "hybrid"

    uncertainty: Strategy = Margin()
    radius: float | None = None
    normalise: bool = True
    sample: int = 5_000

    def __post_init__(self) -> None:
        """Refuse an uncertainty without scores, a radius that is none, and an empty sample."""
        scoring(self.name, self.uncertainty)
        if self.radius is not None:
            check_number("radius", self.radius, least=1e-6)
        check_count("sample", self.sample)

    @property
    def needs(self) -> frozenset[SignalName]:
        """Embeddings, and what the uncertainty needs."""
        return self.uncertainty.needs.union(_EMBEDDINGS)

    @property
    def accepts(self) -> frozenset[SignalName]:
        """Labelled embeddings, and what the uncertainty uses."""
        return self.uncertainty.accepts.union(_LABELLED) - self.needs

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Cover what is uncertain greedily."""
        scores = scored(self.name, self.uncertainty, signals)
        most = float(scores.max())
        weights = (scores / most if most > 0.0 else np.ones_like(scores)).astype(np.float32)
        points, labelled, unit = in_space(
            given(signals.embeddings), signals.labelled_embeddings, self.normalise
        )
        if self.radius is not None:
            radius = self.radius * unit
        else:
            radius = (smallest_distance(labelled) if labelled else 0.0) or median_distance(points, rng) or 1.0
        found = cover(points, labelled, Gaussian(radius=radius), budget, self.sample, rng, weights)
        chosen = filled(found, len(points), budget, rng)
        return Selection(indices=chosen.indices, scores=chosen.scores * (most or 1.0))
