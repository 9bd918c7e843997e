"""One line for what happens to a job, and its measurements."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from alaas.jobs import Job, JobWatch
from alaas.server.telemetry.measures import Measures
from alaas.server.telemetry.request_id import current

_log = logging.getLogger("alaas.jobs")

_REMEMBERED = 10_000


class WatchedJobs(JobWatch):
    """Writes down and measures the jobs of a process.

    A job's lines hold the id of the request that asked for it, as long as the job runs in the process that
    was asked. In another one they hold the job's id only; the line ``job queued`` has both.

    Args:
        measures: where they are counted.
        on_end: called with each job that has ended here.
    """

    def __init__(self, measures: Measures, on_end: Callable[[Job], None] = lambda _: None) -> None:
        self._measures, self._on_end = measures, on_end
        self._asked: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def queued(self, job: Job) -> None:
        """See ``JobWatch.queued``."""
        asked = current.get()
        if asked is not None:
            with self._lock:
                self._asked.setdefault(job.id, asked)  # who asks for the same job again did not cause it
                while len(self._asked) > _REMEMBERED:
                    self._asked.popitem(last=False)
        _log.info("job queued", extra=self._told(job, request_id=asked))

    def begun(self, job: Job) -> None:
        """See ``JobWatch.begun``."""
        self._measures.jobs_here.labels(job.kind).inc()
        if job.attempt == 1 and job.started is not None:
            wait = (job.started - job.created).total_seconds()
            self._measures.job_wait_seconds.labels(job.kind).observe(max(wait, 0.0))
        _log.info("job begun", extra=self._told(job))

    def left(self, job: Job) -> None:
        """See ``JobWatch.left``."""
        self._measures.jobs_here.labels(job.kind).dec()
        told = self._told(job, state=job.state)
        if job.failure is not None:
            told |= {"code": job.failure.code, "reason": job.failure.message}
        if not job.finished:
            _log.info("job put back", extra=told)
            return
        with self._lock:
            self._asked.pop(job.id, None)
        seconds = 0.0
        if job.started is not None and job.ended is not None:
            seconds = max((job.ended - job.started).total_seconds(), 0.0)
        self._measures.jobs_ended.labels(job.kind, job.state).inc()
        self._measures.job_seconds.labels(job.kind, job.state).observe(seconds)
        self._measures.see_run(job.progress.stages, done=job.progress.done)
        level = logging.WARNING if job.state == "failed" else logging.INFO
        _log.log(level, "job ended", extra={**told, "seconds": round(seconds, 3)})
        self._on_end(job)

    def _told(self, job: Job, **more: object) -> dict[str, Any]:
        with self._lock:
            asked = self._asked.get(job.id)
        return {"job": job.id, "kind": job.kind, "attempt": job.attempt, "request_id": asked, **more}
