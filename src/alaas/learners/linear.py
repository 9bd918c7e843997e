"""Linear: one layer on standardised features, calibrated, with an ensemble for strategies that ask
several.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.learners._base import Learner, Lesson
from alaas.learners._calibration import platt, softened, temperature_slope
from alaas.learners._checks import check_lesson
from alaas.learners._coordinates import Coordinates
from alaas.learners._descent import Problems, minimise
from alaas.learners._folds import deal
from alaas.learners._layer import Layer

Layers: TypeAlias = NDArray[np.float64]

_TOLERANCE: Final = 1e-3
"""Of the gradient a labelled item: probabilities are then some thousandths from where they would end."""

_TOGETHER: Final = 512
"""Columns of logits that are fitted together: enough for fast products, few enough for memory."""


@dataclass(frozen=True, kw_only=True)
class Linear(Learner):
    """Logistic regression on standardised features: softmax for one class an item, sigmoids for any number.

    Targets are drawn a little towards the middle, by one label's worth, so that a class without a label
    keeps a small probability and a few labels make nobody certain. How far to trust the layer is learnt from
    items that it was not fitted on: one temperature for a multi-class task, a slope and an offset for each
    class of a multi-label one. An ensemble comes from the Bayesian bootstrap: each member weighs the labels
    by chance. All these layers are fitted at the same time, and share their matrix products.

    Args:
        regularisation: the ridge on the weights of features of length 1; more means simpler.
        members: layers of the ensemble; 0 for none.
        folds: parts for calibration; 0 leaves probabilities as they are.
        max_iterations: steps of descent after which a layer is taken as it is.

    Cost: O(m·D·min(m, D)) once and O(m·D·C) a step for each of 1 + folds + members layers; predicts in one
    matrix product.
    When: features of an encoder that knows your kind of data; from two labels to hundreds of thousands.

    Reference: Guo, Pleiss, Sun & Weinberger, 2017, https://arxiv.org/abs/1706.04599; Rubin, 1981,
    https://doi.org/10.1214/aos/1176345338
    """

    name: ClassVar[str] = "linear"

    regularisation: float = 0.1
    members: int = 5
    folds: int = 5
    max_iterations: int = 100

    def __post_init__(self) -> None:
        """Refuse parameters without a meaning."""
        _check("regularisation", self.regularisation, least=1e-6, whole=False)
        _check("members", self.members, least=0)
        _check("folds", self.folds, least=0)
        _check("max_iterations", self.max_iterations, least=1)
        if self.folds == 1:
            raise ConfigError("folds must be 0 for no calibration, or at least 2; got 1")

    def fit(self, lesson: Lesson, rng: np.random.Generator) -> Layer:
        """Fit the layer, its folds and its ensemble together."""
        check_lesson(self.name, lesson)
        rows = len(lesson.features)
        dealt = deal(lesson, self.folds, rng)
        folds = np.empty((0, rows), np.float32) if dealt is None else _fold_weights(dealt)
        members = rng.standard_exponential((self.members, rows), np.float32)
        weights = np.concatenate([np.ones((1, rows), np.float32), folds, members])
        warm = np.ones(len(weights), bool)
        warm[1 : 1 + len(folds)] = False  # or they would know from last time what they are asked now
        layers = self._layers(lesson, weights, warm)
        slopes, offsets = np.ones(len(lesson.classes)), np.zeros(len(lesson.classes))
        if dealt is not None:
            slopes, offsets = _calibration(lesson, _held_out(layers[1 : 1 + len(folds)], lesson, dealt))
        layers = layers * slopes[:, None]
        layers[..., -1] += offsets
        return Layer(
            kind=lesson.kind,
            classes=lesson.classes,
            layer=layers[0].astype(np.float32),
            members=layers[1 + len(folds) :].astype(np.float32),
            slopes=slopes,
            offsets=offsets,
        )

    def held_out(
        self,
        lesson: Lesson,
        folds: NDArray[np.int64],
        rng: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """All folds at once; calibrated by one slope, or two numbers a class, from all of them together."""
        check_lesson(self.name, lesson)
        weights = _fold_weights(folds)
        logits = _held_out(self._layers(lesson, weights, np.zeros(len(weights), bool)), lesson, folds)
        if self.folds:
            slopes, offsets = _calibration(lesson, logits)
            logits = logits * slopes + offsets
        if lesson.kind == "multi-label":
            return (0.5 + 0.5 * np.tanh(0.5 * logits)).astype(np.float32)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)

    def restore(self, data: bytes) -> Layer:
        """The layer that ``dump`` wrote."""
        return Layer.load(data)

    def _layers(self, lesson: Lesson, weights: NDArray[np.float32], warm: NDArray[np.bool_]) -> Layers:
        """Uncalibrated layers (J, C, D + 1): for each, how much the labelled items count, and whether it may
        start from what was fitted last time.
        """
        coordinates = Coordinates.of(lesson.features, self.regularisation)
        targets = _targets(lesson)
        count, classes = len(weights), len(targets)
        start = np.zeros((count, classes, coordinates.points.shape[1]), np.float32)
        start[warm] = _before(lesson, coordinates)
        apart = lesson.kind == "multi-label"  # then each class is a problem of its own
        found = [
            minimise(
                Problems(
                    points=coordinates.points,
                    targets=np.tile(targets, (stop - begin, 1))[:, None] if apart else targets[None],
                    weights=np.repeat(weights[begin:stop], classes if apart else 1, axis=0),
                ),
                start[begin:stop].reshape(-1, 1 if apart else classes, start.shape[2]),
                tolerance=_TOLERANCE,
                max_iterations=self.max_iterations,
            )[0].reshape(stop - begin, classes, -1)
            for begin, stop in _groups(count, max(1, _TOGETHER // classes))
        ]
        return coordinates.layers(np.concatenate(found))


def _groups(count: int, size: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + size, count)) for begin in range(0, count, size)]


def _targets(lesson: Lesson) -> NDArray[np.float32]:
    """What the probabilities of the labelled items should be, shape (C, m)."""
    if lesson.kind == "multi-label":
        return np.ascontiguousarray(softened(lesson.targets.astype(bool)).T, np.float32)
    rows, classes = len(lesson.targets), len(lesson.classes)
    share = 1 / (rows + 1)
    targets = np.full((classes, rows), share / classes, np.float32)
    targets[lesson.targets.astype(np.int64), np.arange(rows)] += 1 - share
    return targets


def _before(lesson: Lesson, coordinates: Coordinates) -> NDArray[np.float32]:
    """Where the last time ended, shape (C, r): zeros for classes that are new, or if it was another task."""
    before = lesson.previous
    start = np.zeros((len(lesson.classes), coordinates.points.shape[1]), np.float32)
    known = len(before.classes) if before else 0
    if (
        isinstance(before, Layer)
        and before.kind == lesson.kind
        and before.classes == lesson.classes[:known]
        and before.dimensions == lesson.features.shape[1]
    ):
        start[:known] = coordinates.found(before.uncalibrated)
    return start


def _fold_weights(dealt: NDArray[np.int64]) -> NDArray[np.float32]:
    """For each fold, 1 for what it is fitted on and 0 for what it is asked, shape (F, m)."""
    return (np.unique(dealt)[:, None] != dealt).astype(np.float32)


def _held_out(layers: Layers, lesson: Lesson, dealt: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logits of each item by the layer that was not fitted on it, shape (m, C)."""
    logits = np.empty((len(dealt), len(lesson.classes)))
    for layer, fold in zip(layers, np.unique(dealt), strict=True):
        asked = dealt == fold
        logits[asked] = lesson.features[asked] @ layer[:, :-1].T + layer[:, -1]
    return logits


def _calibration(
    lesson: Lesson, logits: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and offset of each class, shape (C,) each."""
    if lesson.kind == "multi-label":
        return platt(logits, lesson.targets.astype(bool))
    slope = temperature_slope(logits, lesson.targets.astype(np.int64))
    return np.full(len(lesson.classes), slope), np.zeros(len(lesson.classes))


def _check(name: str, value: object, *, least: float, whole: bool = True) -> None:
    kinds = int if whole else (int, float)
    sound = isinstance(value, kinds) and not isinstance(value, bool)
    if not sound or not least <= float(value) < float("inf"):  # type: ignore[arg-type]
        what = "whole number" if whole else "number"
        raise ConfigError(f"{name} must be a {what} of at least {least:g}, got {value!r}")
