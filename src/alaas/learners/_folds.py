"""Cross-fitting: what a learner says of labelled items that it was not fitted on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from alaas.learners._base import Kind, Learner, Lesson, Targets
from alaas.types import Floats

_ROWS_A_FOLD: Final = 2


def cross_fit(
    learner: Learner, lesson: Lesson, folds: int, rng: np.random.Generator
) -> NDArray[np.float32] | None:
    """Probabilities of each labelled item by a learner that has not seen it, shape (m, C).

    Returns:
        None where there are too few labels to say anything (see ``deal``), and for one that wants items.

    Raises:
        LearnerError: the lesson's shapes do not fit, or its values are not finite.
    """
    dealt = deal(lesson, folds, rng) if learner.wants == "features" else None
    return None if dealt is None else learner.cross_predict(lesson, dealt, rng)


def deal(lesson: Lesson, folds: int, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """Deal the labelled items into folds: shape (m,), numbers from 0.

    Each class is spread over all folds as evenly as can be; what has equal features stays together, so that
    a copy of an item is never asked about it. A class with one label is in one fold, and the learners of the
    others know it, which is honest: the learner of that one does not.

    Returns:
        None with fewer than two items a fold, or without two classes (two kinds of answers for a multi-label
        task) of at least two different items.
    """
    groups = _groups(lesson.features)
    firsts = np.unique(groups, return_index=True)[1]
    strata = _strata(lesson.kind, lesson.targets, len(lesson.classes))[firsts]
    sizes = np.unique(strata, return_counts=True)[1]
    if folds < 2 or len(firsts) < _ROWS_A_FOLD * folds or (sizes >= 2).sum() < 2:
        return None
    shuffled = rng.permutation(len(firsts))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    dealt = np.empty(len(firsts), np.int64)
    dealt[order] = np.arange(len(firsts)) % folds
    return dealt[groups]


def _groups(features: Floats) -> NDArray[np.int64]:
    """Numbers from 0, the same for rows that are equal, in order of first appearance."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in features], np.int64)


def _strata(kind: Kind, targets: Targets, classes: int) -> NDArray[np.int64]:
    """The class by which an item is dealt: for a multi-label task its rarest, or ``classes`` for none."""
    if kind == "multi-class":
        return targets.astype(np.int64)
    sizes = targets.sum(axis=0)
    rarity = np.where(targets, sizes, len(targets) + 1)
    return np.where(targets.any(axis=1), rarity.argmin(axis=1), classes).astype(np.int64)
