"""Strategies that give every item a score of its own and take the best."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from alaas.errors import StrategyError
from alaas.strategies import _compiled
from alaas.strategies._base import Strategy
from alaas.strategies._best import Best
from alaas.strategies._blocks import blocks
from alaas.strategies._checks import SUM_TOLERANCE, check_block, given
from alaas.strategies._ranking import select_top, top
from alaas.strategies._scan import BLOCK_BYTES, scan
from alaas.types import Floats, Selection, Signals

_SHORT_ROW = 32
"""Classes below which a row is too short for numpy's inner loops, so that columns are worked on instead."""


class ScoreStrategy(Strategy):
    """Scores each item by itself and takes the ``budget`` highest; ties break at random.

    A subclass implements ``score``. Strategies that wrap or prefilter by a score call it too.
    """

    alone: ClassVar[bool] = False
    """Whether an item's score is the same without the rest of the pool, so that a stream can be scored."""

    @abstractmethod
    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Return every item's score, shape (n,); higher is more wanted. Inputs are already checked."""

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Take the ``budget`` highest scores."""
        return select_top(self._checked(self.score(signals), len(signals)), budget, rng)

    def _checked(self, scores: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        if scores.shape != (count,) or np.isnan(scores).any():
            raise StrategyError(
                f"strategy {self.name!r} gave scores of shape {scores.shape}, {count} numbers without NaN "
                f"were expected"
            )
        return scores


class UncertaintyStrategy(ScoreStrategy):
    """Scores each item by its class probabilities alone.

    A subclass implements ``uncertainty`` on a block of rows. probs are read once, block by block on all
    cores, and checked as they are read; only the best rows so far are kept, so memory is O(B) however large a
    memory-mapped file is.
    """

    needs = frozenset({"probs"})
    streams = frozenset({"probs"})
    alone = True

    @abstractmethod
    def uncertainty(self, probs: Floats) -> NDArray[np.float64]:
        """Return each row's score; ``probs`` is float32 or float64 of shape (rows, C), not to be changed."""

    def quick(self, probs: Floats) -> Quick | None:  # noqa: ARG002
        """How to score a large pool in one compiled pass; None where there is only ``uncertainty``."""
        return None

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Score every item."""
        probs = given(signals.probs)
        scores = np.empty(len(probs), dtype=np.float64)

        def keep(start: int, some: NDArray[np.float64]) -> None:
            scores[start : start + len(some)] = some

        scan(probs, lambda _, rows: self.uncertainty(widened(rows)), keep)
        return scores

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Keep the best while reading; settle near ties by their exact scores."""
        probs = given(signals.probs)
        quick = self.quick(probs)
        best = Best(budget, 0.0 if quick is None else 2.0 * quick.error)
        block = BLOCK_BYTES if quick is None else _compiled.BLOCK_BYTES
        scan(probs, lambda start, rows: self._judge(start, rows, quick, best.bar), best.offer, block)
        rows, scores = best.rows()
        if quick is not None and quick.error > 0.0:
            exact = Best(budget)
            exact.offer(0, self.uncertainty(widened(probs[rows])))
            kept, scores = exact.rows()
            rows = rows[kept]
        found = self._checked(scores, len(rows))
        chosen = top(found, budget, rng)
        return Selection(indices=rows[chosen], scores=found[chosen])

    def _judge(self, start: int, rows: Floats, quick: Quick | None, bar: float) -> NDArray[np.float64]:
        if quick is not None:
            scores = quick.score(rows, bar)
            if scores is not None:
                return scores
        check_block(self.name, "probs", start, rows)
        return self._checked(self.uncertainty(widened(rows)), len(rows))


@dataclass(frozen=True, kw_only=True)
class Quick:
    """One compiled pass over a block: checks and scores it, within ``error`` of the exact scores.

    ``score`` takes a block and a bar; scores below the bar may come out lower than they are. It returns None
    where the block does not look like probabilities, which then is looked at closely.
    """

    score: Callable[[Floats, float], NDArray[np.float64] | None]
    error: float = 0.0


class TopTwoStrategy(UncertaintyStrategy):
    """Scores each item by its largest and second largest probability; a subclass implements ``of``."""

    @abstractmethod
    def of(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores of rows with these two probabilities, shapes (rows,); the second raises them."""

    @abstractmethod
    def least(self, bar: float) -> tuple[float, float]:
        """Return a and b such that a row's score reaches ``bar`` only if second ≥ a·first + b."""

    def uncertainty(self, probs: Floats) -> NDArray[np.float64]:
        """Find the two in numpy."""
        return self.of(*two_largest(probs))

    def quick(self, probs: Floats) -> Quick | None:
        """Find the two in one compiled pass, exactly."""
        return Quick(score=self._quick) if _compiled.worth(probs) else None

    def _quick(self, rows: Floats, bar: float) -> NDArray[np.float64] | None:
        found = _compiled.two_largest(rows, SUM_TOLERANCE, self.least(bar))
        first, second = found.values.astype(np.float64)
        return self.of(first, second) if found.sound else None


def widened(rows: NDArray[np.floating[Any]]) -> Floats:
    """float16 as float32, in which arithmetic is exact enough and fast; other types as they are."""
    return rows.astype(np.float32) if rows.dtype == np.float16 else rows


def largest(probs: Floats) -> NDArray[np.float64]:
    """Return each row's largest value, shape (rows,)."""
    # Along short rows numpy reduces one row at a time; as columns of vectors it is six times faster.
    columns = np.ascontiguousarray(probs.T) if probs.shape[1] < _SHORT_ROW else probs.T
    return np.asarray(columns.max(axis=0), dtype=np.float64)


def predicted(probs: Floats) -> NDArray[np.int64]:
    """Return each row's likeliest class, the lowest number among equals, shape (n,); rows are streamed."""
    classes = np.empty(len(probs), dtype=np.int64)
    for start, rows in blocks(probs, 1 << 20):
        classes[start : start + len(rows)] = rows.argmax(axis=1)
    return classes


def two_largest(probs: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each row's largest and second largest value, shapes (rows,), by one scan instead of a sort.

    With one class the second is 0. Values come back as float64, so that what is computed from them does not
    make new ties.
    """
    # A tournament: half of the columns plays the other half. The runner-up of two groups is the loser of
    # the two winners or the better of the two old runners-up.
    first, second = probs.T, None
    while len(first) > 1:
        if len(first) < _SHORT_ROW and not first.flags.c_contiguous:
            first = np.ascontiguousarray(first)
            second = None if second is None else np.ascontiguousarray(second)
        half = len(first) // 2
        left, right, odd = slice(0, half), slice(half, 2 * half), slice(2 * half, None)
        loser = np.minimum(first[left], first[right])
        if second is not None:
            np.maximum(loser, second[left], out=loser)
            np.maximum(loser, second[right], out=loser)
        winner = np.maximum(first[left], first[right])
        for late in range(len(first[odd])):  # an odd column plays the first pair's winner
            np.maximum(loser[0], np.minimum(winner[0], first[odd][late]), out=loser[0])
            if second is not None:
                np.maximum(loser[0], second[odd][late], out=loser[0])
            np.maximum(winner[0], first[odd][late], out=winner[0])
        first, second = winner, loser
    runner_up = np.zeros(len(probs)) if second is None else second[0].astype(np.float64)
    return first[0].astype(np.float64), runner_up
