"""The contract of a learner: what learns from the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

Kind: TypeAlias = Literal["multi-class", "multi-label"]

Targets: TypeAlias = NDArray[np.int64] | NDArray[np.bool_]
"""multi-class: class numbers, shape (m,), int64. multi-label: which classes each has, shape (m, C), bool."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What there is to learn from.

    Attributes: kind: the task. classes: the names of the C classes, in the order of the numbers; new ones
        come at the end. features: one row a labelled item, shape (m, D), float32, m ≥ 1. targets: see
        ``Targets``. previous: what was fitted last time, to start from; its classes are a beginning of
        ``classes`` or, after classes were renamed, anything: a learner then starts afresh.
    """

    kind: Kind
    classes: tuple[str, ...]
    features: Floats
    targets: Targets
    previous: Fitted | None = None


class Fitted(ABC):
    """A learner after it has learned. Immutable; called from many threads at once."""

    kind: Kind
    classes: tuple[str, ...]
    dimensions: int
    """D of the features that it was fitted on."""

    @abstractmethod
    def predict_proba(self, features: Floats) -> NDArray[np.float32]:
        """Calibrated class probabilities, shape (n, C), for features of shape (n, D).

        Rows sum to 1 for a multi-class task; each entry stands for itself for a multi-label one.
        """

    def mc_proba(self, features: Floats, members: int) -> NDArray[np.float32] | None:  # noqa: ARG002
        """Probabilities by K members of an ensemble, shape (K, n, C); None if it has none.

        K is ``members``, or all that it has when these are fewer.
        """
        return None

    @property
    def weights(self) -> NDArray[np.float32] | None:
        """The linear layer with the bias as last column, shape (C, D + 1); None if it is not linear."""
        return None

    def to_onnx(self) -> bytes | None:
        """An ONNX model from ``features`` (n, D) to ``probabilities`` (n, C), both float32; None if it has
        none.

        A learner with ``weights`` whose probabilities are their softmax, or their sigmoid for a multi-label
        task, need not offer it: the layer is written down as it is.
        """
        return None

    @abstractmethod
    def dump(self) -> bytes:
        """The fitted learner as bytes, without pickle; the same fit gives the same bytes."""

    @classmethod
    @abstractmethod
    def load(cls, data: bytes) -> Fitted:
        """Read what ``dump`` wrote.

        Raises:
            LearnerError: it is something else.
        """


class Learner(ABC):
    """Fits on labelled features. A frozen dataclass: its fields are its parameters.

    ``fit`` must work with two labels of two classes, with classes that have no label yet, and with one label
    or one class alone (then the probabilities say so modestly). It never changes its inputs, is the same for
    the same lesson and ``rng``, and refuses features that are not finite and shapes that do not fit.
    ``alaas.testing.learners`` holds the suite that every learner passes.
    """

    name: ClassVar[str]
    """The name in YAML; the file's name."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"multi-class", "multi-label"})

    wants: ClassVar[Literal["features", "items"]] = "features"
    """``items`` for an ``ItemLearner``, which makes features of its own."""

    code: ClassVar[frozenset[str]] = frozenset()
    """Parameters that name code to run: taken from whoever starts the process, never over the wire."""

    @abstractmethod
    def fit(self, lesson: Lesson, rng: np.random.Generator) -> Fitted:
        """Learn.

        Raises:
            LearnerError: the lesson's shapes do not fit, or its values are not finite.
        """

    def cross_predict(
        self, lesson: Lesson, folds: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Probabilities of each labelled item by a learner fitted on the other folds, shape (m, C).

        Fits once a fold; a learner that knows a shorter way overrides it. ``cross_fit`` deals the folds.

        Args:
            lesson: what there is; ``previous`` is not looked at.
            folds: the number of each labelled item's fold, shape (m,).

        Raises:
            LearnerError: as ``fit`` does.
        """
        found = np.empty((len(lesson.features), len(lesson.classes)), np.float32)
        for fold in np.unique(folds):
            asked = folds == fold
            features, targets = lesson.features[~asked], lesson.targets[~asked]
            rest = replace(lesson, features=features, targets=targets, previous=None)
            found[asked] = self.fit(rest, rng).predict_proba(lesson.features[asked])
        return found

    @abstractmethod
    def restore(self, data: bytes) -> Fitted:
        """The fitted learner that ``Fitted.dump`` wrote.

        Raises:
            LearnerError: it is something else.
        """
