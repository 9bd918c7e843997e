"""What happens in projects, as receivers are told of it.

An event's kind and its fields are the interface: fields may be added, never renamed or dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import ClassVar, TypeAlias

from alaas.types import JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectCreated:
    """A project was made, by ``actor``."""

    kind: ClassVar[str] = "project.created"
    project: str
    actor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectFinished:
    """A project has what it wanted: ``reason`` is budget or exhausted; ``labels`` is how many it has."""

    kind: ClassVar[str] = "project.finished"
    project: str
    reason: str
    labels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchCreated:
    """A batch of ``items`` items was handed out to ``annotator``."""

    kind: ClassVar[str] = "batch.created"
    project: str
    batch: str
    annotator: str
    items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelsTold:
    """``annotators`` told answers: ``kept`` new ones, and ``revised`` ones that replaced what they had
    said.
    """

    kind: ClassVar[str] = "labels.told"
    project: str
    annotators: tuple[str, ...]
    kept: int
    revised: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFinished:
    """A round on ``labels`` labels; ``summary`` holds its metrics, ``fitted`` says whether it has a model."""

    kind: ClassVar[str] = "round.finished"
    project: str
    round: int
    labels: int
    fitted: bool
    summary: Mapping[str, JSON]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFinished:
    """A job ended in ``state``; ``failure`` is the code of the error if it failed."""

    kind: ClassVar[str] = "job.finished"
    project: str | None
    job: str
    work: str
    state: str
    failure: str | None


Event: TypeAlias = ProjectCreated | ProjectFinished | BatchCreated | LabelsTold | RoundFinished | JobFinished

KINDS: Mapping[str, type[Event]] = {
    event.kind: event
    for event in (ProjectCreated, ProjectFinished, BatchCreated, LabelsTold, RoundFinished, JobFinished)
}
"""Every event by its kind."""


def document(event: Event, at: float) -> bytes:
    """The JSON that is posted: ``type``, ``timestamp`` (when it happened, UTC) and ``data``, the fields."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"type": event.kind, "timestamp": moment, "data": asdict(event)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
