"""How good a learner is, measured on items whose labels are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

_BINS: Final = 15
_LEAST: Final = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassMetrics:
    """One class: ``support`` items have it. NaN-free: what cannot be computed counts as 0."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """Measured on ``count`` items.

    ``accuracy`` is the share of items whose labels are all right; ``macro_f1`` the mean of F1 over the
    classes that occur or were predicted; ``log_loss`` in nats, the mean over items (and over classes for a
    multi-label task); ``calibration_error`` the expected calibration error of the likeliest class over 15
    bins of equal width (of every class, for a multi-label task), 0 to 1.
    """

    count: int
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    per_class: Mapping[str, ClassMetrics]


def measure(
    probabilities: NDArray[np.floating[Any]],
    targets: NDArray[np.integer[Any]] | NDArray[np.bool_],
    classes: Sequence[str],
    kind: Literal["multi-class", "multi-label"],
) -> Metrics:
    """Measure class probabilities against what is known.

    O(n·C) time and memory. Of equally likely classes the first counts as predicted; a class of a multi-label
    task is predicted from a probability of 0.5 on. Probabilities below 1e-12 count as that in the log loss.

    Args:
        probabilities: shape (n, C), n ≥ 1.
        targets: class numbers, shape (n,), or for a multi-label task which classes each item has, (n, C).
        classes: the names of the C classes.

    Raises:
        ValueError: the shapes do not fit.
    """
    p = np.asarray(probabilities, np.float64)
    several = kind == "multi-label"
    expected = p.shape if several else p.shape[:1]
    if p.ndim != 2 or len(p) == 0 or p.shape[1] != len(classes) or targets.shape != expected:
        raise ValueError(
            f"probabilities of shape {p.shape} and targets of shape {targets.shape} do not fit "
            f"{len(classes)} classes of a {kind} task"
        )
    numbers = np.arange(p.shape[1])
    truth = targets.astype(bool) if several else targets[:, None] == numbers
    guess = p >= 0.5 if several else p.argmax(axis=1)[:, None] == numbers
    per_class = _per_class(truth, guess, classes)
    seen = np.atleast_1d((truth | guess).any(axis=0))
    scores = [score.f1 for score, counts in zip(per_class.values(), seen, strict=True) if counts]
    likelihoods = np.where(truth, p, 1 - p) if several else p[truth]
    confidence, right = (p, truth) if several else (p.max(axis=1), (truth & guess).any(axis=1))
    return Metrics(
        count=len(p),
        accuracy=float((truth == guess).all(axis=1).mean()),
        macro_f1=float(np.mean(scores)) if scores else 0.0,
        log_loss=float(-np.log(np.clip(likelihoods, _LEAST, 1.0)).mean()),
        calibration_error=_calibration_error(confidence.ravel(), right.ravel()),
        per_class=per_class,
    )


def krippendorff_alpha(answers: NDArray[np.integer[Any]]) -> float | None:
    """How far annotators agree beyond chance: 1 if always, 0 if as by chance, below 0 if they avoid it.

    Nominal classes; any number of annotators, who need not have answered everything.

    Args:
        answers: class numbers, −1 where nothing was said, shape (items, annotators).

    Returns:
        None where no item has two answers, or where all of those are of one class, so that there is nothing
        to disagree about.

    Reference: Krippendorff, 2011, Computing Krippendorff's alpha-reliability.
    """
    said = np.asarray(answers)
    said = said[(said >= 0).sum(axis=1) > 1]
    items, places = np.nonzero(said >= 0)
    classes, numbers = np.unique(said[items, places], return_inverse=True)
    if len(classes) < 2:
        return None
    # Pairs of (item, class) that occur, instead of a table of all: there may be many of both.
    pairs, counts = np.unique(items * len(classes) + numbers, return_counts=True)
    sizes = np.bincount(items)
    observed = (counts * (sizes[pairs // len(classes)] - counts) / (sizes[pairs // len(classes)] - 1)).sum()
    totals = np.bincount(numbers).astype(np.float64)
    everything = totals.sum()
    expected = (everything**2 - (totals**2).sum()) / (everything - 1)
    return float(1 - observed / expected)


def _per_class(
    truth: NDArray[np.bool_], guess: NDArray[np.bool_], classes: Sequence[str]
) -> dict[str, ClassMetrics]:
    hits = (truth & guess).sum(axis=0)
    guessed, support = guess.sum(axis=0), truth.sum(axis=0)
    precision, recall = _share(hits, guessed), _share(hits, support)
    f1 = _share(2 * hits, guessed + support)
    return {
        name: ClassMetrics(
            precision=float(precision[k]), recall=float(recall[k]), f1=float(f1[k]), support=int(support[k])
        )
        for k, name in enumerate(classes)
    }


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence and accuracy over bins (i/15, (i + 1)/15], weighted by what is in them."""
    bins = np.clip(np.ceil(confidence * _BINS).astype(np.int64) - 1, 0, _BINS - 1)
    excess = np.bincount(bins, confidence - right, minlength=_BINS)
    return float(np.abs(excess).sum() / len(confidence))
