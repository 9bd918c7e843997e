"""Many logistic regressions on the same rows at once: L-BFGS whose matrix products are shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_HISTORY: Final = 10
_HALVINGS: Final = 20
_ENOUGH: Final = 1e-4
"""Share of the promised decrease that a step must bring (Armijo)."""


@dataclass(frozen=True, kw_only=True)
class Problems:
    """B problems on m rows, each of K classes that compete (softmax), or of one alone (sigmoid, K = 1).

    Attributes: points, ridge: shapes (m, r) and (r,), see ``Rows``. targets: what the probabilities should
        be, shape (B, K, m) or (1, K, m). counts: how much each row counts, (B, m).
    """

    points: Array
    ridge: Array
    targets: Array
    counts: Array

    def chosen(self, rows: NDArray[np.bool_]) -> Problems:
        """Only some of the problems."""
        targets = self.targets if len(self.targets) == 1 else self.targets[rows]
        return replace(self, targets=targets, counts=self.counts[rows])

    def logits(self, places: Array) -> Array:
        """Logits (B, K, m) at ``places`` (B, K, r)."""
        count, classes, width = places.shape
        flat: Array = places.reshape(count * classes, width) @ self.points.T
        return flat.reshape(count, classes, -1)

    def gradient(self, places: Array, logits: Array) -> Array:
        """Gradients at ``places``, shape (B, K, r), where the logits are ``logits``."""
        residual = (probabilities(logits) - self.targets) * self.counts[:, None]
        flat: Array = residual.reshape(-1, logits.shape[2]).astype(np.float32) @ self.points
        return np.asarray(flat.reshape(places.shape) + self.ridge * places)

    def value(self, logits: Array, penalties: NDArray[np.float64]) -> NDArray[np.float64]:
        """The objectives, shape (B,): losses and half of ``penalties``."""
        losses = self.counts * _losses(logits, self.targets)
        return np.asarray(losses.sum(axis=1, dtype=np.float64) + 0.5 * penalties)


def probabilities(logits: Array) -> Array:
    """Softmax over the classes of logits (B, K, m); with one class its sigmoid."""
    if logits.shape[1] == 1:
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return np.asarray(powers)


def _losses(logits: Array, targets: Array) -> Array:
    """Cross-entropies of the rows in nats, shape (B, m)."""
    if logits.shape[1] == 1:
        return np.asarray((np.logaddexp(np.float32(0), logits) - targets * logits)[:, 0])
    top = logits.max(axis=1, keepdims=True)
    sums = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return np.asarray(sums - (targets * logits).sum(axis=1))


def minimise(problems: Problems, start: Array, *, tolerance: float, max_iterations: int) -> Array:
    """Solve all problems from ``start`` (B, K, r): the solutions, shape (B, K, r).

    A problem is solved when its gradient is below ``tolerance``·√m. Each step costs two matrix products for
    all unsolved problems together.
    """
    solved = start.copy()
    bound = tolerance**2 * len(problems.points)
    active = np.arange(len(start))
    walk = _Walk(problems, start)
    for step in range(max_iterations):
        unsolved = _dot(walk.gradient, walk.gradient) > bound
        moved = unsolved if step == 0 else unsolved & walk.moving
        solved[active[~moved]] = walk.place[~moved]
        active = active[moved]
        if not len(active):
            return solved
        walk.keep(moved)
        walk.step()
    solved[active] = walk.place
    return solved


class _Walk:
    """Where the descent of the unsolved problems stands."""

    def __init__(self, problems: Problems, start: Array) -> None:
        self.problems, self.place = problems, start.copy()
        self.logits = problems.logits(start)
        self.gradient = problems.gradient(start, self.logits)
        self.value = problems.value(self.logits, _dot(start * problems.ridge, start))
        self.past: list[tuple[Array, Array, NDArray[np.float64]]] = []
        self.moving = np.ones(len(start), bool)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Go on with these problems only."""
        if rows.all():
            return
        self.problems = self.problems.chosen(rows)
        self.place, self.logits, self.gradient = self.place[rows], self.logits[rows], self.gradient[rows]
        self.value, self.moving = self.value[rows], self.moving[rows]
        self.past = [(moves[rows], turns[rows], curves[rows]) for moves, turns, curves in self.past]

    def step(self) -> None:
        """One step of L-BFGS for each."""
        direction = -self._newton(self.gradient)
        lengths = self._search(direction)
        scale = lengths.astype(np.float32)[:, None, None]
        move = direction * scale
        self.place = self.place + move
        self.logits = self.logits + self.along * scale
        gradient = self.problems.gradient(self.place, self.logits)
        turn = gradient - self.gradient
        self.past = [*self.past[-_HISTORY + 1 :], (move, turn, _dot(move, turn))]
        self.gradient, self.moving = gradient, lengths > 0

    def _search(self, direction: Array) -> NDArray[np.float64]:
        """Step lengths, halved until the objective falls enough; 0 where rounding lets it fall no more."""
        # Logits are linear in the step, so that a trial costs no matrix product.
        self.along = self.problems.logits(direction)
        slope = _dot(self.gradient, direction)
        ridge = self.problems.ridge
        here, both = _dot(self.place * ridge, self.place), _dot(self.place * ridge, direction)
        far = _dot(direction * ridge, direction)
        lengths = np.ones(len(direction))
        for _ in range(_HALVINGS):
            trial = self.logits + self.along * lengths.astype(np.float32)[:, None, None]
            value = self.problems.value(trial, here + 2 * lengths * both + lengths**2 * far)
            fine = value <= self.value + _ENOUGH * lengths * slope
            if fine.all():
                break
            lengths = np.where(fine, lengths, lengths / 2)
        else:
            lengths = np.where(fine, lengths, 0.0)
        self.value = np.where(lengths > 0, value, self.value)
        return lengths

    def _newton(self, gradient: Array) -> Array:
        """The gradient times an inverse Hessian from the last steps (Nocedal, 1980)."""
        result, shares = gradient.copy(), []
        for move, turn, curve in reversed(self.past):
            share = _quotient(_dot(move, result), curve)
            result -= share[:, None, None] * turn
            shares.append(share)
        if self.past:
            _, turn, curve = self.past[-1]
            result *= np.where(curve > 0, _quotient(curve, _dot(turn, turn)), 1.0).astype(np.float32)[
                :, None, None
            ]
        for (move, turn, curve), share in zip(self.past, reversed(shares), strict=True):
            result += (share - _quotient(_dot(turn, result), curve))[:, None, None] * move
        return result


def _dot(left: Array, right: Array) -> NDArray[np.float64]:
    """Inner products, shape (B,), summed so that the small differences of objectives are not rounded away."""
    return np.asarray(np.einsum("bkr,bkr->bk", left, right).sum(axis=1, dtype=np.float64))


def _quotient(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Array:
    """``top / bottom``, and 0 where a step was not curved."""
    return np.divide(top, bottom, where=bottom > 0, out=np.zeros_like(top)).astype(np.float32)
