"""What the in-memory jobs remember of one job. Its owner holds the lock."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from alaas.jobs._base import Job, JobEvent, JobFailure, JobProgress
from alaas.protocol import JobState


class Record:
    """One job with its request, result and events.

    The events stay few however long the job runs: one a state, and the latest progress.
    """

    def __init__(self, *, job_id: str, kind: str, request: str, digest: str, key: str | None) -> None:
        self.request = request
        self.digest = digest
        self.key = key
        self.result: str | None = None
        self.cancel = threading.Event()
        self.ended_clock = 0.0
        self.job = Job(id=job_id, kind=kind, state="queued", created=datetime.now(UTC))
        self._events: list[JobEvent] = []
        self._reported = 0.0
        self._count = 0
        self._tell("state")

    def start(self) -> None:
        """Queued → running."""
        self.job = replace(self.job, state="running", started=datetime.now(UTC))
        self._tell("state")

    def end(self, state: JobState, failure: JobFailure | None = None) -> None:
        """Any unfinished state → a finished one."""
        self.request = ""
        self.ended_clock = time.monotonic()
        self.job = replace(self.job, state=state, ended=datetime.now(UTC), failure=failure)
        self._tell("state")

    def report(self, progress: JobProgress, interval: float) -> None:
        """Remember how far the job is; tell it unless it was told less than ``interval`` seconds ago."""
        if self.job.finished:
            return
        self.job = replace(self.job, progress=progress)
        now = time.monotonic()
        if now - self._reported >= interval:
            self._reported = now
            self._tell("progress")

    def events_after(self, after: int) -> list[JobEvent]:
        """The events since ``after``; all of them if the job has not come that far."""
        since = after if after <= self._count else 0
        return [event for event in self._events if event.id > since]

    def _tell(self, kind: Literal["state", "progress"]) -> None:
        self._count += 1
        if kind == "progress":
            self._events = [event for event in self._events if event.kind == "state"]
        self._events.append(JobEvent(id=self._count, kind=kind, job=self.job))
