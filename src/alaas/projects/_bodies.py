"""What a project's verbs give, as the wire and ``--json`` have it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from alaas.metrics import Metrics
from alaas.projects._words import (
    Batch,
    BatchItem,
    Disagreement,
    Offered,
    Prediction,
    Replayed,
    Round,
    Status,
    Told,
)
from alaas.protocol import (
    BatchBody,
    BatchItemBody,
    DecisionBody,
    DisagreementBody,
    GuessBody,
    LabelBody,
    MetricsBody,
    OfferedBody,
    PredictionBody,
    ProjectBody,
    ProjectItemBody,
    ReceiptBody,
    ReplayBody,
    RoundBody,
    StatusBody,
    ToldBody,
)
from alaas.stores import AnswerRow, ItemRow, ProjectRow, Value


def project_body(row: ProjectRow) -> ProjectBody:
    """A project's definition with its version."""
    return ProjectBody(
        name=row.name,
        version=row.version,
        created=moment(row.created),
        changed=moment(row.changed),
        definition=json.loads(row.definition),
    )


def status_body(status: Status) -> StatusBody:
    """How a project stands."""
    return StatusBody(
        name=status.name,
        labels=status.labels,
        budget=status.budget,
        remaining=status.remaining,
        pool=status.pool,
        held=status.held,
        items=status.items,
        states={str(state): count for state, count in status.states.items()},
        validation=status.validation,
        batches=status.batches,
        cost=status.cost,
        balance=dict(status.balance),
        agreement=_finite(status.agreement),
        behind=status.behind,
        round=None if status.round is None else round_body(status.round),
    )


def offered_body(offered: Offered) -> OfferedBody:
    """What became of items of a stream."""
    return OfferedBody(
        decisions=[
            DecisionBody(id=one.id, taken=one.taken, why=one.why, utility=one.utility, detail=one.detail)
            for one in offered.decisions
        ],
        arrived=offered.arrived,
        taken=offered.taken,
    )


def item_body(row: ItemRow) -> ProjectItemBody:
    """An item as it stands; what was uploaded is not repeated, for it may be large."""
    uploaded = row.uri is not None and row.uri.startswith("data:")
    return ProjectItemBody(
        number=row.number,
        id=row.id,
        state=row.state,
        role=row.role,
        uri=None if uploaded else row.uri,
        text=row.text,
        row=None if row.row is None else dict(row.row),
        cost=row.cost,
        metadata=dict(row.metadata),
        uploaded=uploaded,
        label=_label(row.label),
        reason=row.reason,
    )


def batch_body(batch: Batch) -> BatchBody:
    """A batch with its items."""
    return BatchBody(
        id=batch.id,
        project=batch.project,
        ordinal=batch.ordinal,
        annotator=batch.annotator,
        created=batch.created,
        until=batch.until,
        strategy=batch.strategy,
        round=batch.round,
        items=[_batch_item(item) for item in batch.items],
        notes=list(batch.notes),
    )


def _batch_item(item: BatchItem) -> BatchItemBody:
    return BatchItemBody(
        id=item.id,
        rank=item.rank,
        uri=item.uri,
        text=item.text,
        row=None if item.row is None else dict(item.row),
        cost=item.cost,
        metadata=dict(item.metadata),
        score=_finite(item.score),
        reason=item.reason,
        state=item.state,
        guess=None if item.guess is None else GuessBody(label=item.guess[0], probability=item.guess[1]),
    )


def told_body(told: Told, *, retrain: str | None = None) -> ToldBody:
    """What became of answers; ``retrain`` is the job that learns from them."""
    return ToldBody(
        receipts=[
            ReceiptBody(
                item=receipt.item, outcome=receipt.outcome, state=receipt.state, reason=receipt.reason
            )
            for receipt in told.receipts
        ],
        labels=told.labels,
        retrain=retrain,
    )


def label_body(row: AnswerRow) -> LabelBody:
    """An answer of the history."""
    return LabelBody(
        sequence=row.sequence,
        item=row.item,
        annotator=row.annotator,
        kind=row.kind,
        label=_label(row.value),
        reason=row.reason,
        batch=row.batch,
        final=row.final,
        at=moment(row.at),
    )


def round_body(made: Round) -> RoundBody:
    """A round with its metrics."""
    return RoundBody(
        number=made.number,
        created=made.created,
        labels=made.labels,
        through=made.through,
        fitted=made.fitted,
        seconds=made.seconds,
        learner=made.learner,
        classes=list(made.classes),
        balance=dict(made.balance),
        cost=made.cost,
        metrics=None if made.metrics is None else _metrics(made.metrics),
        measured_on=made.measured_on,
        notes=list(made.notes),
    )


def _metrics(metrics: Metrics) -> MetricsBody:
    return MetricsBody.model_validate(asdict(metrics))


def disagreement_body(found: Disagreement) -> DisagreementBody:
    """Who says what of an item; what was uploaded is not repeated."""
    uploaded = found.uri is not None and found.uri.startswith("data:")
    return DisagreementBody(
        id=found.id,
        uri=None if uploaded else found.uri,
        text=found.text,
        answers=_labels(found.answers),
    )


def replay_body(replayed: Replayed) -> ReplayBody:
    """A batch chosen again."""
    return ReplayBody(
        batch=replayed.batch,
        ids=list(replayed.ids),
        same=replayed.same,
        differences=list(replayed.differences),
    )


def prediction_body(prediction: Prediction) -> PredictionBody:
    """What the learner says of an item."""
    return PredictionBody(
        id=prediction.id,
        label=_label(prediction.label),
        probabilities=dict(prediction.probabilities),
        failure=prediction.failure,
    )


def moment(seconds: float) -> datetime:
    """A store's time as a date in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _labels(answers: Mapping[str, Value]) -> dict[str, str | list[str]]:
    return {who: value if isinstance(value, str) else list(value) for who, value in answers.items()}


def _label(value: Value | None) -> str | list[str] | None:
    return list(value) if isinstance(value, tuple) else value


def _finite(value: float | None) -> float | None:
    """JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None
