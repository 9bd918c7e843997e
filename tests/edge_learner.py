"""A learner from items in a few lines of numpy, which a project names as ``edge_learner:EdgeLearner``."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from alaas.errors import LearnerError
from alaas.learners import ItemFitted, ItemLearner


class Edges(ItemFitted):
    """How much pictures change across and down (rows of a table: as they are), times the number of labels,
    and a share of each class for the nearest labelled one.

    The factor makes the features of one fit useless to another.
    """

    def __init__(self, kind, classes, targets, features=None):
        self.kind, self.classes, self.targets, self.features = kind, tuple(classes), targets, features

    @property
    def dimensions(self):
        return self.features.shape[1]

    def encode_items(self, inputs):
        factor = np.float32(len(self.targets))
        if "rows" in inputs:
            return inputs["rows"] * factor
        images = inputs["images"].astype(np.float32)
        if not images.any(axis=(1, 2, 3)).all():
            raise LearnerError("a picture has nothing on it")
        changes = [abs(np.diff(images, axis=axis)).mean(axis=(1, 2, 3)) for axis in (2, 3)]
        return np.stack(changes, axis=1) * factor

    def predict_proba(self, features):
        nearest = ((features[:, None] - self.features) ** 2).sum(axis=2).argmin(axis=1)
        found = self.targets[nearest] * 0.9 + 0.05
        whole = found.sum(axis=1, keepdims=True) if self.kind == "multi-class" else 1
        return (found / whole).astype(np.float32)

    def dump(self):
        kept = (self.kind, self.classes, self.targets.tolist(), self.features.tolist())
        return json.dumps(kept).encode()

    @classmethod
    def load(cls, data):
        try:
            kind, classes, *arrays = json.loads(data)
        except ValueError as error:
            raise LearnerError("not kept edges") from error
        return cls(kind, classes, *(np.array(array, np.float32) for array in arrays))


@dataclass(frozen=True, kw_only=True)
class EdgeLearner(ItemLearner):
    """Remembers the edges of the labelled pictures."""

    name: ClassVar[str] = "edges"

    def fit_items(self, lesson, rng):
        targets, count = lesson.targets, len(lesson.classes)
        one = lesson.kind == "multi-class"
        if (
            targets.ndim != (1 if one else 2)
            or not len(targets)
            or (one and not 0 <= targets.min() <= targets.max() < count)
        ):
            raise LearnerError("the targets do not fit")
        flags = np.eye(count, dtype=np.float32)[targets] if one else targets.astype(np.float32)
        blank = Edges(lesson.kind, lesson.classes, flags)
        features = blank.encode_items(lesson.inputs(np.arange(len(targets))))
        return Edges(lesson.kind, lesson.classes, flags, features)

    def restore(self, data):
        return Edges.load(data)
