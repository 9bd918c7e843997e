"""ALFA-Mix: items whose predicted class does not survive a little mixing with what is labelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._ranking import the_rest
from alaas.strategies._vectors import Frame, frame_around
from alaas.strategies.k_means import KMeans
from alaas.types import Floats, Indices, Selection, Signals

_ROWS_BYTES = 4 << 20
"""Enough rows for one matrix product to be worth two threads, few enough for the logits of many classes."""


@dataclass(frozen=True, kw_only=True)
class AlfaMix(Strategy):
    """Pick typical items among those whose predicted class changes when a labelled class is mixed in.

    Needs embeddings, shape (n, D), and weights, shape (C, D + 1), the linear head's rows with the bias last;
    labels, shape (m,), and labelled_embeddings, shape (m, D). The anchor z of a class is the mean of its
    labelled embeddings. An item h becomes h + a·(z - h), coordinate by coordinate, with the a of the paper's
    closed form, ε·‖z - h‖·g / (‖g‖·(z - h)), where g is the gradient in h of the loss at the predicted class
    and ε = alpha / √D. So it moves along its own gradient, by ε·‖z - h‖ (also where a coordinate of z and h
    coincides). An item is a candidate if some anchor changes its class: since logits are linear along the
    way, if the farthest does. With fewer candidates than the budget, alpha grows by its own value until there
    are enough, or to 1, as in the authors' code. k-means then picks the candidate nearest to the centre of
    each cluster, in the embeddings as they are; the score is the size of the cluster. What is missing is
    drawn at random with score 0. With nothing labelled, every item is a candidate.

    Args:
        alpha: how far items are mixed, 0.01 to 1.
        iterations: most iterations of k-means, as in k_means.
        sample: candidates per cluster that centres are fitted on, as in k_means.

    Cost: O(n·C·(D + C)) time, streamed, and that of k_means on the candidates.
    When: early rounds, in which the model has not met some features of the pool.

    Reference: Parvaneh, Abbasnejad, Teney, Haffari, van den Hengel & Shi, 2022,
    https://arxiv.org/abs/2203.07034
    """

    family = "learner"
    needs = frozenset({"embeddings", "weights", "labels", "labelled_embeddings"})

    alpha: float = 0.2
    iterations: int = 10
    sample: int = 64

    def __post_init__(self) -> None:
        """Refuse an alpha that mixes nothing, or more than there is, and what k-means refuses."""
        check_number("alpha", self.alpha, least=0.01, most=1.0)
        check_count("iterations", self.iterations, least=0)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Find the candidates, then cluster them."""
        embeddings = given(signals.embeddings)
        n, candidates = len(embeddings), self._candidates(signals, budget)
        if not len(candidates):
            return Selection(indices=rng.permutation(n)[:budget], scores=np.zeros(budget))
        few = embeddings if len(candidates) == n else embeddings[candidates]
        typical = KMeans(iterations=self.iterations, sample=self.sample)
        found = typical.choose(Signals(embeddings=few), min(budget, len(candidates)), rng)
        indices = candidates[found.indices]
        rest = the_rest(indices, n, budget - len(indices), rng)
        return Selection(
            indices=np.concatenate([indices, rest]),
            scores=np.concatenate([found.scores, np.zeros(len(rest))]),
        )

    def _candidates(self, signals: Signals, budget: int) -> Indices:
        """Items that change class at the smallest multiple of alpha at which ``budget`` do, or at 1."""
        embeddings, known = given(signals.embeddings), given(signals.labelled_embeddings)
        if not len(known):
            return np.arange(len(embeddings))
        frame = frame_around(embeddings, known)
        anchors = _anchors(frame, known, given(signals.labels))
        least = _least_alphas(embeddings, frame, _head_in(frame, given(signals.weights)), anchors)
        steps = np.ceil(least / self.alpha)
        enough = max(1.0, np.partition(steps, budget - 1)[budget - 1])
        return np.flatnonzero((steps <= enough) & (least <= 1.0))


def _anchors(frame: Frame, known: Floats, labels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Each labelled class's mean, in the frame, shape (classes, D)."""
    return np.array([frame.apply(known[labels == label]).mean(axis=0) for label in np.unique(labels)])


def _head_in(frame: Frame, weights: Floats) -> NDArray[np.float64]:
    """The head that gives vectors of the frame the logits of what they came from."""
    wide = weights.astype(np.float64)
    head = wide / frame.factor
    head[:, -1] = wide[:, -1] + wide[:, :-1] @ frame.origin
    return head


def _least_alphas(
    embeddings: Floats, frame: Frame, head: NDArray[np.float64], anchors: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The least alpha at which each item's class changes, shape (n,); infinite where none does."""
    least = np.empty(len(embeddings), dtype=np.float64)
    rows, products = head[:, :-1].astype(np.float32), head[:, :-1] @ head[:, :-1].T
    half_norms = 0.5 * np.einsum("ij,ij->i", anchors, anchors)
    for start, block in blocks(embeddings, _ROWS_BYTES):
        vectors = frame.apply(block)
        steps = _steps_to_flip(vectors @ rows.T + head[:, -1], products)
        nearness = (vectors @ anchors.T - half_norms).min(axis=1)
        farthest = np.einsum("ij,ij->i", vectors, vectors) - 2.0 * nearness
        with np.errstate(divide="ignore", invalid="ignore"):
            alphas = steps * np.sqrt(vectors.shape[1]) / np.sqrt(np.maximum(farthest, 0.0))
        alphas[farthest <= 0.0] = np.inf  # where all anchors coincide with the item nothing is mixed in
        least[start : start + len(block)] = alphas
    return least


def _steps_to_flip(logits: NDArray[np.float64], products: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far along its own gradient each item has to go until another class's logit is the largest.

    ``products`` are the inner products of the head's rows, shape (C, C).
    """
    if len(products) == 1:
        return np.full(len(logits), np.inf)
    every, likeliest = np.arange(len(logits)), logits.argmax(axis=1)
    gaps = logits[every, likeliest][:, np.newaxis] - logits
    # The gradient is a mixture of the other classes' rows less the predicted one's, times 1 - p of the
    # latter. Left out, that factor changes no direction, and certain predictions keep theirs.
    gaps[every, likeliest] = np.inf
    mixture = np.exp(gaps.min(axis=1, keepdims=True) - gaps)
    mixture /= mixture.sum(axis=1, keepdims=True)
    mixture[every, likeliest] = -1.0
    slopes = mixture @ products
    lengths = np.sqrt(np.maximum(np.einsum("ij,ij->i", mixture, slopes), 0.0))
    closing = slopes - slopes[every, likeliest][:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(closing > 0.0, gaps / closing * lengths[:, np.newaxis], np.inf)
    return np.asarray(steps.min(axis=1), dtype=np.float64)
