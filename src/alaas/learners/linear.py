"""Linear: one layer on standardised features, calibrated, with an ensemble beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.learners._base import Learner, Lesson
from alaas.learners._calibration import platt, softened, temperature_slope
from alaas.learners._checks import check_lesson
from alaas.learners._folds import deal
from alaas.learners._layer import Layer
from alaas.learners._ridge import Ridge
from alaas.learners._rows import Rows

Layers: TypeAlias = NDArray[np.float64]


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

    Cost: O(m·C·min(m, D)) a step for each of 1 + folds + members layers; predicts in one
    matrix product.
    When: features of an encoder that knows your kind of data; from two labels to hundreds of thousands.

    Reference: Guo, Pleiss, Sun & Weinberger, 2017, https://arxiv.org/abs/1706.04599; Rubin, 1981,
    https://doi.org/10.1214/aos/1176345338
    """

    name: ClassVar[str] = "linear"

    regularisation: float = 0.01
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
        count = len(lesson.features)
        dealt = deal(lesson, self.folds, rng)
        folds = np.empty((0, count), np.float32) if dealt is None else _fold_counts(dealt)
        members = rng.standard_exponential((self.members, count), np.float32)
        ridge = self._ridge(lesson)
        layers = ridge.solve(_before(lesson), folds, members)
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

    def cross_predict(
        self,
        lesson: Lesson,
        folds: NDArray[np.int64],
        rng: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """All folds at once; calibrated by one slope, or two numbers a class, from all of them together."""
        check_lesson(self.name, lesson)
        ridge = self._ridge(lesson)
        logits = _held_out(ridge.solve_folds(_fold_counts(folds)), lesson, folds)
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

    def _ridge(self, lesson: Lesson) -> Ridge:
        return Ridge(
            rows=Rows.of(lesson.features, self.regularisation),
            targets=_targets(lesson),
            apart=lesson.kind == "multi-label",
            max_iterations=self.max_iterations,
        )


def _targets(lesson: Lesson) -> NDArray[np.float32]:
    """What the probabilities of the labelled items should be, shape (C, m)."""
    if lesson.kind == "multi-label":
        return np.ascontiguousarray(softened(lesson.targets.astype(bool)).T, np.float32)
    rows, classes = len(lesson.targets), len(lesson.classes)
    share = 1 / (rows + 1)
    targets = np.full((classes, rows), share / classes, np.float32)
    targets[lesson.targets.astype(np.int64), np.arange(rows)] += 1 - share
    return targets


def _before(lesson: Lesson) -> NDArray[np.float64] | None:
    """Where the last time ended, shape (C, D + 1), zeros for new classes; None if it was another task."""
    before = lesson.previous
    if (
        not isinstance(before, Layer)
        or before.kind != lesson.kind
        or before.classes != lesson.classes[: len(before.classes)]
        or before.dimensions != lesson.features.shape[1]
    ):
        return None
    start = np.zeros((len(lesson.classes), before.dimensions + 1))
    start[: len(before.classes)] = before.uncalibrated
    return start


def _fold_counts(dealt: NDArray[np.int64]) -> NDArray[np.float32]:
    """For each fold, 1 for what it is fitted on and 0 for what it is asked, shape (F, m)."""
    return np.asarray(np.unique(dealt)[:, None] != dealt, np.float32)


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
