"""Consensus: what a model and several annotators make of an item, each by how far they are to be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._scores import predicted
from alaas.strategies._temperature import fitting_temperature, tempered
from alaas.strategies._votes import agreement, siding, tally
from alaas.types import Floats

_ROWS_BYTES = 1 << 20
"""A block and its temporaries stay in a core's own cache."""

_LEAST = 1e-6
"""The smallest trust, and the smallest error that trust is measured against."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the model and each annotator weigh, and how likely an annotator is to answer the consensus."""

    model: float
    annotators: NDArray[np.float64]
    likelihood: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Consensus:
    """How likely each item's consensus label is, shape (m,), by whose word, at which temperature."""

    quality: NDArray[np.float64]
    trust: Trust
    temperature: float


def consensus(probs: Floats, answers: NDArray[np.int64]) -> Consensus:
    """Weigh the answers to m items, and a model's probabilities of them.

    The majority's labels say how far to trust whom; trust gives every class of an item a probability; the
    likeliest classes are the consensus, which says anew how far to trust whom. Where no item has two answers
    all weigh 1, and the quality is the model's probability of the answer. O(m·(C + A)) time, O(m·A) memory.

    Args:
        probs: the model's, shape (m, C), C at least 2.
        answers: class numbers, -1 for none, shape (m, A); every row and every column has at least one.

    Reference: Goh, Tkachenko & Mueller, 2022, https://arxiv.org/abs/2210.06812
    """
    quality = np.empty(len(probs))
    if (answers >= 0).sum(axis=1).max(initial=0) < 2:
        for part, rows, said in _parts(probs, 1.0, answers):
            quality[part] = _of(rows, said.max(axis=1))
        return Consensus(
            quality=quality, trust=Trust(model=1.0, annotators=np.ones(answers.shape[1])), temperature=1.0
        )
    temperature, guesses = fitting_temperature(probs, answers), predicted(probs)
    peers = agreement(answers, probs.shape[1])
    labels = _majority(probs, temperature, answers)
    trust = _trust(guesses, answers, peers, labels)
    for part, rows, said in _parts(probs, temperature, answers):
        posterior = _posterior(rows, said, trust)
        best = posterior == posterior.max(axis=1, keepdims=True)
        labels[part] = np.where(best.sum(axis=1) == 1, best.argmax(axis=1), labels[part])
    trust = _trust(guesses, answers, peers, labels)
    for part, rows, said in _parts(probs, temperature, answers):
        quality[part] = _of(_posterior(rows, said, trust), labels[part])
    return Consensus(quality=quality, trust=trust, temperature=temperature)


def _parts(
    probs: Floats, temperature: float, answers: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.int64]]]:
    """Some items at a time: where they stand, their probabilities and their answers."""
    for start, rows in blocks(probs, _ROWS_BYTES):
        part = slice(start, start + len(rows))
        yield part, tempered(rows, temperature), answers[part]


def _of(values: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    return values[np.arange(len(values)), labels]


def _majority(probs: Floats, temperature: float, answers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The class with most answers, shape (m,).

    Among equals the model's likelier one; then the one that is rarer among all answers, against imbalance;
    then the one of the annotators who otherwise side with majorities more often; then the lowest.
    """
    classes = probs.shape[1]
    rarity = -np.bincount(answers[answers >= 0], minlength=classes).astype(np.float64)
    sides = siding(answers, classes)
    labels = np.empty(len(answers), dtype=np.int64)
    for part, rows, said in _parts(probs, temperature, answers):
        votes = tally(said, classes)
        leading = np.ones(votes.shape, dtype=bool)
        for values in (votes, rows, rarity, tally(said, classes, sides) / np.maximum(votes, 1.0)):
            left = np.where(leading, values, -np.inf)
            leading = left == left.max(axis=1, keepdims=True)
        labels[part] = leading.argmax(axis=1)
    return labels


def _trust(
    guesses: NDArray[np.int64],
    answers: NDArray[np.int64],
    peers: NDArray[np.float64],
    labels: NDArray[np.int64],
) -> Trust:
    """Trust each by their errors, as a share of what answering the commonest class always would err."""
    counts = (answers >= 0).sum(axis=1)
    shared = counts > 1
    truth = labels[shared]
    error = max(_LEAST, float(np.mean(truth != np.bincount(truth).argmax())))
    right = (answers[shared] == truth[:, np.newaxis]).sum(axis=1)
    model = max(_LEAST, 1.0 - float(np.mean(guesses[shared] != truth)) / error)
    return Trust(
        model=model * float(np.sqrt(counts.mean())),
        annotators=np.maximum(_LEAST, 1.0 - (1.0 - peers) / error),
        likelihood=float(np.mean(right / counts[shared])),
    )


def _posterior(probs: NDArray[np.float64], answers: NDArray[np.int64], trust: Trust) -> NDArray[np.float64]:
    """Each class's probability: what the model and the annotators say, in the mean weighted by trust."""
    votes = tally(answers, probs.shape[1], trust.annotators)
    weight = votes.sum(axis=1, keepdims=True)
    other = (1.0 - trust.likelihood) / (probs.shape[1] - 1)
    said = other * weight + (trust.likelihood - other) * votes
    posterior: NDArray[np.float64] = (trust.model * probs + said) / (trust.model + weight)
    return posterior
