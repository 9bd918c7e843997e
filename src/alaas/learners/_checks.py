"""What a lesson and features must be like, checked the same way for every learner."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.learners._base import Lesson
from alaas.types import Floats


def check_lesson(learner: str, lesson: Lesson) -> None:
    """Refuse a lesson whose shapes, types or values do not fit.

    Raises:
        LearnerError: naming the learner, what was got and what was expected.
    """
    features, count = lesson.features, len(lesson.classes)
    if count == 0 or len(set(lesson.classes)) != count:
        raise LearnerError(f"learner {learner!r} got the classes {lesson.classes}; expected different names")
    if features.ndim != 2 or 0 in features.shape or features.dtype.kind != "f":
        raise LearnerError(
            f"learner {learner!r} got features of shape {features.shape} and type {features.dtype}; "
            "expected floats of shape (labelled items, dimensions), at least one of each"
        )
    if not np.isfinite(features).all():
        row = int(np.nonzero(~np.isfinite(features).all(axis=1))[0][0])
        raise LearnerError(f"learner {learner!r} got features that are not finite, first in row {row}")
    check_targets(learner, lesson, lesson.targets)


def check_targets(learner: str, lesson: Lesson, targets: NDArray[Any]) -> None:
    """Refuse targets that are not of the lesson's kind, rows and classes.

    Raises:
        LearnerError: naming the learner, what was got and what was expected.
    """
    rows, count = len(lesson.features), len(lesson.classes)
    shape, kind = ((rows,), "i") if lesson.kind == "multi-class" else ((rows, count), "b")
    if targets.shape != shape or targets.dtype.kind != kind:
        raise LearnerError(
            f"learner {learner!r} got targets of shape {targets.shape} and type {targets.dtype} for a "
            f"{lesson.kind} task; expected {'class numbers' if kind == 'i' else 'booleans'} of shape {shape}"
        )
    if kind == "i" and (targets.min() < 0 or targets.max() >= count):
        raise LearnerError(
            f"learner {learner!r} got the class numbers {targets.min()} to {targets.max()}; expected 0 to "
            f"{count - 1}"
        )


def check_features(learner: str, features: Floats, dimensions: int) -> None:
    """Refuse features that are not of shape (n, ``dimensions``).

    Raises:
        LearnerError: naming the learner, what was got and what was expected.
    """
    if features.ndim != 2 or features.shape[1] != dimensions or features.dtype.kind != "f":
        raise LearnerError(
            f"learner {learner!r} got features of shape {features.shape} and type {features.dtype}; expected "
            f"floats of shape (items, {dimensions}), as it was fitted on"
        )
