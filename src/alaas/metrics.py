"""How good a learner is, measured on items whose labels are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
