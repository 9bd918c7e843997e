"""From jobs and logs to their wire form."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from alaas.jobs import Job
from alaas.protocol import JobBody, JobLinks, LogBody, ProgressBody, StageBody
from alaas.server.errors import problem
from alaas.stores import LogEntry


def job_body(job: Job) -> JobBody:
    """A job as the wire has it."""
    address = f"/v1/jobs/{job.id}"
    progress = job.progress
    return JobBody(
        id=job.id,
        kind=job.kind,
        state=job.state,
        created=job.created,
        started=job.started,
        ended=job.ended,
        progress=ProgressBody(
            done=progress.done,
            failed=progress.failed,
            total=progress.total,
            stages=[StageBody.of(stage) for stage in progress.stages],
        ),
        error=None if job.failure is None else problem(job.failure.code, job.failure.message),
        links=JobLinks(
            self=address, result=f"{address}/result", events=f"{address}/events", cancel=f"{address}/cancel"
        ),
    )


def log_body(entry: LogEntry) -> LogBody:
    """One thing that happened in a project, as the wire has it."""
    return LogBody(
        sequence=entry.sequence,
        at=datetime.fromtimestamp(entry.at, UTC),
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        detail=json.loads(entry.detail),
    )
