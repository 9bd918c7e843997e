"""The contract of a learner that takes the items themselves, such as a network that is trained as a whole.

What it gives is an encoder and a head in one. Whoever runs it computes the pool's features anew after every
fit, by ``encode_items``; from there on it is a ``Fitted`` like any other, over those features.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.learners._base import Fitted, Kind, Learner, Lesson, Targets
from alaas.types import Floats, Indices

Inputs: TypeAlias = Mapping[str, NDArray[Any]]
"""Some items as a model takes them: named arrays with the batch first, as ``Modality.collate`` gives them."""


@dataclass(frozen=True, kw_only=True)
class ItemLesson:
    """What there is to learn from.

    Attributes: kind, classes, targets: as in ``Lesson``. inputs: decodes the labelled items at some places,
        0 to m - 1, when they are needed; called once for each of them in every pass over the items, and free
        to raise, such as ``CancelledError``, which ends the fit.
    """

    kind: Kind
    classes: tuple[str, ...]
    inputs: Callable[[Indices], Inputs]
    targets: Targets


class ItemFitted(Fitted):
    """A learner after it has learned from items. Its probabilities for an item are
    ``predict_proba(encode_items(item))``; ``dimensions`` is D of its own features.
    """

    @abstractmethod
    def encode_items(self, inputs: Inputs) -> Floats:
        """Features of some items by the network as it is now, shape (b, D), float32.

        Raises:
            LearnerError: the network does not take them, or gives something else.
        """


class ItemLearner(Learner):
    """Fits on labelled items, by ``fit_items`` instead of ``fit``; otherwise as any learner."""

    wants: ClassVar[Literal["features", "items"]] = "items"

    @abstractmethod
    def fit_items(self, lesson: ItemLesson, rng: np.random.Generator) -> ItemFitted:
        """Learn.

        Raises:
            LearnerError: the lesson's shapes do not fit, or the network gives what is not finite.
            MissingExtraError: what runs the network is not installed.
        """

    def fit(self, lesson: Lesson, rng: np.random.Generator) -> Fitted:  # noqa: ARG002
        raise LearnerError(f"the learner {self.name} learns from items, not from features; call fit_items")

    @abstractmethod
    def restore(self, data: bytes) -> ItemFitted: ...
