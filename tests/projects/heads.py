"""Fitted learners in a few lines, for the tests of what is made of them."""

import numpy as np

from alaas.learners import Fitted


class LinearHead(Fitted):
    """A layer drawn at random; what a linear learner promises of its weights and probabilities."""

    def __init__(self, classes, dimensions, kind="multi-class", seed=0):
        self.kind, self.classes, self.dimensions = kind, tuple(classes), dimensions
        shape = (len(self.classes), dimensions + 1)
        self.layer = np.random.default_rng(seed).normal(size=shape).astype(np.float32)

    def predict_proba(self, features):
        scores = features @ self.layer[:, :-1].T + self.layer[:, -1]
        if self.kind == "multi-label":
            return (1 / (1 + np.exp(-scores))).astype(np.float32)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    @property
    def weights(self):
        return self.layer

    def dump(self):
        return self.layer.tobytes()

    @classmethod
    def load(cls, data):
        raise NotImplementedError


class CrookedHead(LinearHead):
    """One that is not linear and has no graph."""

    @property
    def weights(self):
        return None
