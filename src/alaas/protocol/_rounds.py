"""Rounds: each retraining, and how good the learner was after it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alaas.protocol._base import Page, Reply, Request
from alaas.protocol._items import ItemBody


class ClassMetricsBody(Reply):
    """One class, which ``support`` items have."""

    precision: float
    recall: float
    f1: float
    support: int


class MetricsBody(Reply):
    """Measured on ``count`` items; ``log_loss`` in nats, ``calibration_error`` 0 to 1."""

    count: int
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    per_class: dict[str, ClassMetricsBody]


class RoundBody(Reply):
    """One retraining on ``labels`` labels; ``fitted`` is false where they did not suffice for a learner."""

    number: int
    created: datetime
    labels: int
    through: int
    fitted: bool
    seconds: float
    learner: str
    classes: list[str]
    balance: dict[str, int]
    cost: float
    metrics: MetricsBody | None = None
    measured_on: str | None = None
    notes: list[str] = Field(default_factory=list)


class RoundPage(Page):
    """Rounds, first to last."""

    rounds: list[RoundBody]


class PointBody(Reply):
    """One point of the learning curve."""

    round: int
    labels: int
    cost: float
    measured_on: str | None
    metrics: MetricsBody


class CurveBody(Page):
    """How the learner got better with labels; rounds that could not be measured are left out."""

    points: list[PointBody]


class PredictRequest(Request):
    """Ask what the learner says of items, which need not be the project's."""

    items: list[ItemBody] = Field(min_length=1)
    round: int | None = Field(None, ge=1, strict=True, description="By default the last that has a learner.")


class PredictionBody(Reply):
    """What the learner says of one item; ``failure`` where it could not be read."""

    id: str
    label: str | list[str] | None
    probabilities: dict[str, float]
    failure: str | None = None


class PredictionList(Reply):
    """Predictions in the order of the items."""

    predictions: list[PredictionBody]
