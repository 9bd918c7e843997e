"""How a learner is taught labels and asked about items: by features, or by the items themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.learners import (
    Fitted,
    ItemFitted,
    ItemLearner,
    ItemLesson,
    Kind,
    Learner,
    Lesson,
    Targets,
    cross_fit,
)
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import taught_on
from alaas.projects._reading import ItemReader
from alaas.types import Indices

_FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What is known of m items: ``numbers`` of shape (m,) and their ``targets``, see ``Targets``."""

    kind: Kind
    classes: tuple[str, ...]
    numbers: Indices
    targets: Targets


class Teaching(ABC):
    """One learner in one retraining. ``fingerprint`` says what it is taught with, see ``taught_on``."""

    fingerprint: str

    @abstractmethod
    def has(self, numbers: Indices) -> NDArray[np.bool_]:
        """Which of these items it can be taught, or asked about; shape (n,)."""

    @abstractmethod
    def fit(self, labels: Labels, rng: np.random.Generator) -> Fitted:
        """Learn.

        Raises:
            LearnerError: the learner broke its contract.
        """

    @abstractmethod
    def ask(self, fitted: Fitted, numbers: Indices) -> NDArray[np.float32]:
        """Probabilities of items, shape (n, C)."""

    @abstractmethod
    def unseen(self, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """Probabilities of labelled items by learners that have not seen their labels; None without any."""

    def remarks(self) -> tuple[str, ...]:
        """What people should know of how it went."""
        return ()

    def close(self) -> None:  # noqa: B027  (most hold nothing open)
        """Let go of what it holds."""


class FeatureTeaching(Teaching):
    """Teaches features that an encoder made.

    Args:
        learner: what learns.
        table: the features.
        previous: what was fitted last time on such features.
    """

    def __init__(self, learner: Learner, table: FeatureTable, previous: Fitted | None) -> None:
        self._learner, self._table, self._previous = learner, table, previous
        self.fingerprint = taught_on(learner, table.encoder)

    def has(self, numbers: Indices) -> NDArray[np.bool_]:
        return self._table.has(numbers)

    def fit(self, labels: Labels, rng: np.random.Generator) -> Fitted:
        return self._learner.fit(self._lesson(labels), rng)

    def ask(self, fitted: Fitted, numbers: Indices) -> NDArray[np.float32]:
        return fitted.predict_proba(self._table.take(numbers))

    def unseen(self, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32] | None:
        return cross_fit(self._learner, self._lesson(labels), _FOLDS, rng)

    def _lesson(self, labels: Labels) -> Lesson:
        return Lesson(
            kind=labels.kind,
            classes=labels.classes,
            features=self._table.take(labels.numbers),
            targets=labels.targets,
            previous=self._previous,
        )


class ItemTeaching(Teaching):
    """Teaches the items themselves, read and decoded anew in every pass over them.

    Args:
        learner: what learns.
        reader: reads the items.
        batch_size: items that are asked about at once.
    """

    def __init__(
        self, learner: ItemLearner, reader: ItemReader, *, fingerprint: str, batch_size: int
    ) -> None:
        self._learner, self._reader, self._batch = learner, reader, batch_size
        self.fingerprint = fingerprint
        self._lost = 0
        self._unmeasured = False

    def has(self, numbers: Indices) -> NDArray[np.bool_]:
        readable = self._reader.readable(numbers)
        self._lost += int((~readable).sum())
        return readable

    def fit(self, labels: Labels, rng: np.random.Generator) -> ItemFitted:
        lesson = ItemLesson(
            kind=labels.kind,
            classes=labels.classes,
            inputs=lambda places: self._reader.inputs(labels.numbers[places]),
            targets=labels.targets,
        )
        return self._learner.fit_items(lesson, rng)

    def ask(self, fitted: Fitted, numbers: Indices) -> NDArray[np.float32]:
        assert isinstance(fitted, ItemFitted)
        parts = []
        for start in range(0, len(numbers), self._batch):
            features = fitted.encode_items(self._reader.inputs(numbers[start : start + self._batch]))
            parts.append(fitted.predict_proba(features))
        return np.concatenate(parts)

    def unseen(self, labels: Labels, rng: np.random.Generator) -> NDArray[np.float32] | None:  # noqa: ARG002
        self._unmeasured = True
        return None

    def close(self) -> None:
        self._reader.close()

    def remarks(self) -> tuple[str, ...]:
        said = []
        if self._lost:
            said.append(f"{self._lost} items with a label cannot be read any more and were left out")
        if self._unmeasured:
            said.append(
                f"not measured: to fit {self._learner.name} {_FOLDS} more times would take too long; set "
                "`validation` or `labelling.audit`"
            )
        return tuple(said)
