"""How a job moves from state to state: one row in, the next row out. Every table of jobs goes by it.

The JSON documents of a row are

    progress   {"done", "failed", "total", "stages"}, or {} before the first report
    failure    {"code", "message"}
    an event   {"id", "kind", "state", "started", "ended", "progress", "failure"}; ``kind`` is state or
               progress, ``id`` counts up from 1 within the job
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

from alaas.errors import JobConflictError, JobNotFoundError, QueueFullError, WorkersLostError
from alaas.stores._jobs import JobRow, JobRowState, NewJob

_MOST_EVENTS = 200
"""Events of a job that are kept, the latest: a job that is put off again and again must not grow."""

_ENDED: frozenset[JobRowState] = frozenset({"succeeded", "failed", "cancelled"})


def has_ended(state: JobRowState) -> bool:
    """Whether a job in this state will not change any more."""
    return state in _ENDED


def queued(new: NewJob, now: float) -> JobRow:
    """A new job, waiting."""
    row = JobRow(id=new.id, kind=new.kind, group=new.group, state="queued", request="", created=now)
    return _tell(row, "state")


def begun(row: JobRow, worker: str, now: float) -> JobRow:
    """Queued → running, for this worker."""
    moved = replace(
        row,
        state="running",
        started=max(now, row.created),
        attempt=row.attempt + 1,
        worker=worker,
        beat=row.beat + 1,
        progress="{}",
        failure=None,
    )
    return _tell(moved, "state")


def heard(row: JobRow, progress: str | None) -> JobRow:
    """A sign of life, perhaps with news."""
    moved = replace(row, beat=row.beat + 1)
    return moved if progress is None else _tell(replace(moved, progress=progress), "progress")


def finished(
    row: JobRow, state: JobRowState, *, progress: str | None, failure: str | None, now: float
) -> JobRow:
    """The end of an attempt: running → a final state, or back to the queue."""
    if state == "queued" and row.cancel:
        state, failure = "cancelled", None
    last = row.progress if progress is None else progress
    if state == "queued":
        moved = replace(row, state=state, started=None, worker=None, progress=last, failure=failure)
    else:
        ended = max(now, row.started or row.created)
        moved = replace(row, state=state, ended=ended, progress=last, failure=failure)
    return _tell(moved, "state")


def taken_back(row: JobRow, *, attempts: int, now: float) -> JobRow:
    """What becomes of a running job whose worker fell silent."""
    lost = replace(row, lost=row.lost + 1)
    if lost.lost < attempts or row.cancel:
        return finished(lost, "queued", progress=None, failure=None, now=now)
    message = (
        f"{lost.lost} workers died or fell silent at this job, so it is not begun again; their logs, or the "
        "system's about memory, may say why"
    )
    failure = json.dumps({"code": WorkersLostError.code, "message": message})
    return finished(lost, "failed", progress=None, failure=failure, now=now)


def asked_to_stop(row: JobRow, now: float) -> JobRow:
    """Queued → cancelled; a running one is asked; an ended one stays as it is."""
    if row.state == "queued":
        return _tell(replace(row, state="cancelled", cancel=True, ended=max(now, row.created)), "state")
    return replace(row, cancel=True) if row.state == "running" else row


def is_due(ready: float, since: float, now: float) -> bool:
    """Whether a delay that was set at ``since`` and ends at ``ready`` has passed.

    A clock that shows less than ``since`` was set back: then the delay counts as over, for nobody knows how
    much of it is left.
    """
    return ready <= now or now < since


def check_key(key: str, job_id: str, digest: str, known: str) -> None:
    """Refuse a key that stands for another request."""
    if digest != known:
        raise JobConflictError(
            f"the idempotency key {key!r} was used for another request (job {job_id}); "
            "use a new key for a new request"
        )


def check_room(
    waiting: int, waiting_bytes: int, size: int, *, most: int | None, most_bytes: int | None
) -> None:
    """Refuse a job that finds too many waiting."""
    if most is not None and waiting >= most:
        raise QueueFullError(
            f"{waiting} jobs wait already and no more than {most} may (limits.max_jobs); try again later"
        )
    if most_bytes is not None and waiting and waiting_bytes + size > most_bytes:
        raise QueueFullError(
            f"the waiting jobs hold {waiting_bytes} bytes and this one {size}, together more than "
            f"{most_bytes}; try again later"
        )


def no_such_job(job_id: str) -> JobNotFoundError:
    """The error for an id that no job has."""
    return JobNotFoundError(f"there is no job {job_id!r}; finished jobs are kept for a while only")


def _tell(row: JobRow, kind: Literal["state", "progress"]) -> JobRow:
    """Write down what changed. Progress replaces the progress that was told before."""
    events = json.loads(row.events)
    number = events[-1]["id"] + 1 if events else 1
    if kind == "progress":
        events = [event for event in events if event["kind"] == "state"]
    events.append(
        {
            "id": number,
            "kind": kind,
            "state": row.state,
            "started": row.started,
            "ended": row.ended,
            "progress": json.loads(row.progress),
            "failure": None if row.failure is None else json.loads(row.failure),
        }
    )
    return replace(row, events=json.dumps(events[-_MOST_EVENTS:], separators=(",", ":")))
