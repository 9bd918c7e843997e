"""ProbCover: balls around the picks that hold as much of the pool as possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._coverage import cover
from alaas.strategies._distances import in_space
from alaas.strategies._kernels import Ball, cut, squared_distances
from alaas.strategies._lloyd import cluster
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._vectors import Vectors
from alaas.strategies.max_herding import filled
from alaas.types import Selection, Signals

_CLASSES = 10
"""Clusters when neither a parameter nor labels say how many classes there are."""

_BALLS = 1000
"""Balls drawn to estimate purity."""

_ITERATIONS, _TRAINING = 10, 10_000
"""How long, and on how many items, the clusters that stand for the classes are fitted."""


@dataclass(frozen=True, kw_only=True)
class ProbCover(Strategy):
    """Pick the items whose balls of one radius hold the most items that no ball holds yet.

    Needs embeddings, shape (n, D); what is labelled already, labelled_embeddings of shape (m, D), has balls
    too. The score is the share of the pool that a pick's ball adds. When every item is in a ball, the rest is
    drawn at random with score 0. If no radius is given, it is the largest at which at least the share
    ``purity`` of all balls hold items of a single class. Clusters of k-means stand for classes; purity is
    estimated from the balls of 1,000 items drawn at random, each looked at in the whole pool. There are as
    many clusters as ``classes`` says, else as labels, shape (m,), has different ones (from two on), else 10.
    In pools above ``sample`` items, what a ball holds is estimated from that many, drawn at random; every
    item can be picked.

    Args:
        radius: of the balls, boundary included; none finds it by purity.
        purity: the share of pure balls, from 0 to 1.
        classes: how many classes to expect, for purity; none counts those in labels.
        normalise: bring embeddings to length 1 first, so that the radius goes from 0 to 2.
        sample: the most items that are counted; want at least five for each pick.

    Cost: O(min(n, sample)·n·D) time in about two passes of matrix products, O(n·D) memory.
    When: a small first batch, by embeddings in which classes form groups.

    Reference: Yehuda, Dekel, Hacohen & Weinshall, 2022, https://arxiv.org/abs/2205.11320
    """

    family = "density"
    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings", "labels"})

    radius: float | None = None
    purity: float = 0.95
    classes: int | None = None
    normalise: bool = True
    sample: int = 5_000

    def __post_init__(self) -> None:
        """Refuse a radius, a share or a count that is none."""
        if self.radius is not None:
            check_number("radius", self.radius, least=0.0)
        check_number("purity", self.purity, least=0.0, most=1.0)
        if self.classes is not None:
            check_count("classes", self.classes)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Find the radius, then cover the pool greedily."""
        points, labelled, unit = in_space(
            given(signals.embeddings), signals.labelled_embeddings, self.normalise
        )
        if self.radius is None:
            radius = pure_radius(points, self._classes(signals), self.purity, rng)
        else:
            radius = self.radius * unit
        found = cover(points, labelled, Ball(radius=radius), budget, self.sample, rng)
        return filled(found, len(points), budget, rng)

    def _classes(self, signals: Signals) -> int:
        if self.classes is not None:
            return self.classes
        known = 0 if signals.labels is None else len(np.unique(signals.labels))
        return known if known > 1 else _CLASSES


def pure_radius(points: Vectors, classes: int, purity: float, rng: np.random.Generator) -> float:
    """Return the largest radius at which a share of balls hold points of one cluster only.

    A ball is pure as long as its radius is below the distance from its centre to the nearest point of another
    cluster, so the answer is a quantile of these distances.
    """
    labels = cluster(points, classes, _ITERATIONS, _TRAINING, rng).labels
    drawn = np.sort(rng.choice(len(points), min(len(points), _BALLS), replace=False))
    centres = points.take(drawn)
    nearest = np.full(len(drawn), np.inf, dtype=np.float32)
    for part in cut(np.arange(len(points)), len(drawn)):
        squared = squared_distances(points.take(part), centres)
        squared[labels[part, np.newaxis] == labels[drawn]] = np.inf
        np.minimum(nearest, squared.min(axis=0), out=nearest)
    impure = int((1.0 - purity) * len(drawn) + 1e-9)  # balls that need not be pure
    limit = np.sort(nearest)[min(impure, len(drawn) - 1)]
    return float(np.sqrt(np.nextafter(max(limit, np.float32(0.0)), np.float32(0.0))))
