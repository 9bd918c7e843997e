"""A round as people read it, to and from the document that a store keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from alaas.metrics import ClassMetrics, Metrics
from alaas.projects._words import Round
from alaas.stores import RoundRow


def round_of(row: RoundRow) -> Round:
    """The round that a store kept."""
    said = json.loads(row.summary)
    return Round(
        number=row.number,
        created=datetime.fromtimestamp(row.created, UTC),
        labels=row.labels,
        through=row.through,
        fitted=row.fitted,
        seconds=said["seconds"],
        learner=said["learner"],
        classes=tuple(said["classes"]),
        balance=said["balance"],
        cost=said["cost"],
        metrics=None if said["metrics"] is None else _metrics(said["metrics"]),
        measured_on=said["measured_on"],
        notes=tuple(said["notes"]),
    )


def summary_of(
    *,
    seconds: float,
    learner: str,
    basis: str,
    fingerprint: str,
    classes: tuple[str, ...],
    balance: Mapping[str, int],
    cost: float,
    metrics: Metrics | None,
    measured_on: str | None,
    notes: tuple[str, ...],
) -> str:
    """The document for the store. ``basis`` names learner and parameters, ``fingerprint`` the encoder."""
    return json.dumps(
        {
            "seconds": seconds,
            "learner": learner,
            "basis": basis,
            "fingerprint": fingerprint,
            "classes": classes,
            "balance": dict(balance),
            "cost": cost,
            "metrics": None if metrics is None else asdict(metrics),
            "measured_on": measured_on,
            "notes": notes,
        }
    )


def fingerprint_of(row: RoundRow) -> str:
    """The encoder that a round's features came from."""
    return str(json.loads(row.summary)["fingerprint"])


def basis_of(row: RoundRow) -> str:
    """The learner of a round with its parameters."""
    return str(json.loads(row.summary)["basis"])


def _metrics(said: Mapping[str, Any]) -> Metrics:
    per_class = {name: ClassMetrics(**each) for name, each in said["per_class"].items()}
    return Metrics(**{**said, "per_class": per_class})
