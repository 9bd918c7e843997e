"""Between what a store keeps of a job and what callers see of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from alaas.jobs._base import Job, JobEvent, JobFailure, JobProgress
from alaas.protocol import JobState
from alaas.stores import JobRow
from alaas.types import StageStats


def job_of(row: JobRow) -> Job:
    """The job that a row is about."""
    return _job(
        row,
        state=row.state,
        started=row.started,
        ended=row.ended,
        progress=json.loads(row.progress),
        failure=None if row.failure is None else json.loads(row.failure),
    )


def events_of(row: JobRow, after: int) -> list[JobEvent]:
    """What changed since the event ``after``; everything if the job has not come that far."""
    events = json.loads(row.events)
    since = after if events and after <= events[-1]["id"] else 0
    return [
        JobEvent(
            id=event["id"],
            kind=event["kind"],
            job=_job(
                row,
                state=event["state"],
                started=event["started"],
                ended=event["ended"],
                progress=event["progress"],
                failure=event["failure"],
            ),
        )
        for event in events
        if event["id"] > since
    ]


def progress_document(progress: JobProgress) -> str:
    """Progress as a row keeps it."""
    return json.dumps(asdict(progress), separators=(",", ":"))


def failure_document(code: str, message: str) -> str:
    """A failure as a row keeps it."""
    return json.dumps({"code": code, "message": message})


def _job(
    row: JobRow,
    *,
    state: JobState,
    started: float | None,
    ended: float | None,
    progress: Mapping[str, Any],
    failure: Mapping[str, str] | None,
) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=state,
        created=_time(row.created),
        group=row.group,
        attempt=row.attempt,
        started=None if started is None else _time(started),
        ended=None if ended is None else _time(ended),
        progress=_progress(progress),
        failure=None if failure is None else JobFailure(**failure),
    )


def _progress(document: Mapping[str, Any]) -> JobProgress:
    stages = tuple(StageStats(**stage) for stage in document.get("stages", ()))
    return JobProgress(**{**document, "stages": stages})


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
