"""Core-set: k-center that may leave out outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._coverage import cover
from alaas.strategies._farthest import CHOSEN, farthest_first
from alaas.strategies._kernels import Ball
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._ranking import the_rest
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.k_center import KCenter
from alaas.types import Indices, Selection, Signals

_AT_ONCE = 1024
"""Points that reach the pool in one matrix product."""


@dataclass(frozen=True, kw_only=True)
class CoreSet(Strategy):
    """Pick the items that bring all but a few outliers of the pool closest to a label.

    Needs embeddings, shape (n, D); what is labelled already, labelled_embeddings of shape (m, D), counts as
    picked. The radius of a batch is the largest distance of an item to the nearest labelled or picked one,
    when the share ``outliers`` of the items, the farthest ones, is left out. The paper minimises it by a
    mixed-integer program; here it is searched for: k_center's picks come first, and then, ``steps`` times, a
    smaller radius is tried, halfway between the best so far and the largest that failed. Each pick's ball of
    that radius holds the most items not yet held, and when all are held, the farthest items get what is left
    of the budget. The best batch is returned, so its radius is never above k_center's. In pools above
    ``sample`` items balls are of and among that many, drawn at random; farthest items and the radius are the
    whole pool's. Picks are ordered so that the first few cover well too; the score is the distance to the
    nearest labelled or earlier one (none for the first if nothing is labelled). Items that coincide with one
    come last, at random, with score 0.

    Args:
        outliers: the share of items that may be left out, rounded down to whole items.
        steps: how many radii are tried.
        sample: the most items that balls hold and are drawn around.

    Cost: k_center's, and O(steps·(s² + n·B)·D) time for s = min(n, sample), O(n·D) memory.
    When: no region may stay far from a label, but the pool has outliers that k_center would spend labels on.

    Reference: Sener & Savarese, 2018, https://arxiv.org/abs/1708.00489
    """

    family = "diversity"
    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings"})

    outliers: float = 1e-4
    steps: int = 8
    sample: int = 5_000

    def __post_init__(self) -> None:
        """Refuse a share or counts that are none."""
        check_number("outliers", self.outliers, least=0.0, most=1.0)
        check_count("steps", self.steps, least=0)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Improve on k_center."""
        pool, labelled = given(signals.embeddings), signals.labelled_embeddings
        greedy = KCenter().choose(signals, budget, rng)
        frame = frame_around(pool, labelled)
        points = Vectors(pool, frame)
        known = Vectors(labelled, frame) if labelled is not None and len(labelled) else None
        start = _nearest(points, known)
        bound = _radius(points, start, greedy.indices, self.outliers)
        drawn = np.arange(len(pool))
        if len(pool) > self.sample:
            drawn = np.sort(rng.choice(len(pool), self.sample, replace=False))
        few, failed = points.take(drawn), 0.0
        best = None
        for _ in range(self.steps if bound > 0.0 else 0):
            tried = (failed + bound) / 2.0
            held = cover(few, known, Ball(radius=tried), min(budget, len(few)), len(few), rng)
            picks = _completed(points, start, drawn[held.indices], budget, rng)
            radius = _radius(points, start, picks, self.outliers)
            if radius < bound:
                best, bound = picks, radius
            else:
                failed = tried
        return greedy if best is None else _ordered(points, start, best, frame.factor, rng)


def _nearest(
    points: Vectors, centres: Vectors | None, so_far: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Squared distance of each point to its nearest centre, infinite without any."""
    nearest = np.full(len(points), np.inf, dtype=np.float32) if so_far is None else so_far.copy()
    if centres is not None:
        for first in range(0, len(centres), _AT_ONCE):
            part = np.arange(first, min(first + _AT_ONCE, len(centres)))
            points.lower(nearest, centres.take(part))
    return nearest


def _radius(points: Vectors, start: NDArray[np.float32], picks: Indices, outliers: float) -> float:
    """The largest distance to a centre, the farthest points left out."""
    nearest = _nearest(points, points.take(picks), start)
    nearest[picks] = 0.0
    last = len(points) - 1 - min(int(outliers * len(points)), len(points) - 1)
    return float(np.sqrt(np.partition(nearest, last)[last]))


def _completed(
    points: Vectors, start: NDArray[np.float32], picks: Indices, budget: int, rng: np.random.Generator
) -> Indices:
    """Add the farthest points until there are enough picks."""
    if len(picks) < budget:
        nearest = _nearest(points, points.take(picks), start)
        nearest[picks] = CHOSEN
        picks = np.concatenate([picks, farthest_first(points, nearest, budget - len(picks), rng).indices])
    return np.concatenate([picks, the_rest(picks, len(points), budget - len(picks), rng)])


def _ordered(
    points: Vectors, start: NDArray[np.float32], picks: Indices, factor: float, rng: np.random.Generator
) -> Selection:
    """The picks with their distances to labelled and earlier ones, farthest first."""
    chosen, nearest = points.take(picks), start[picks]
    first = np.empty(0, dtype=np.int64)
    if np.isinf(nearest[0]):  # nothing is labelled: from the first pick, whose ball holds the most
        first = np.zeros(1, dtype=np.int64)
        chosen.lower(nearest, chosen.take(first))
        nearest[first] = CHOSEN
    found = farthest_first(chosen, nearest, len(picks) - len(first), rng) if len(picks) > len(first) else None
    order = first if found is None else np.concatenate([first, found.indices])
    distances = np.empty(0) if found is None else np.sqrt(found.distances) / factor
    rest = the_rest(order, len(picks), len(picks) - len(order), rng)
    return Selection(
        indices=picks[np.concatenate([order, rest])],
        scores=np.concatenate([np.full(len(first), np.nan), distances, np.zeros(len(rest))]),
    )
