"""Jobs that survive the process: rows in a store, worked on by every process that opens it."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from alaas.errors import AlaasError, JobConflictError, QueueFullError, UnknownNameError
from alaas.jobs._attempt import Outcome, attempt, settle
from alaas.jobs._base import Handler, Job, JobEvent, Jobs
from alaas.jobs._heart import Heart
from alaas.jobs._loop import Bell, Loop
from alaas.jobs._reaper import Reaper
from alaas.jobs._rows import events_of, job_of
from alaas.jobs._runs import Run, Runs
from alaas.jobs._tidy import Tidying
from alaas.jobs._watch import JobWatch
from alaas.jobs._worker_name import worker_name
from alaas.stores import JobTable, NewJob

_log = logging.getLogger("alaas.jobs")

_POLL = 0.25
"""Seconds between two looks for work that another process has queued."""


class DurableJobs(Jobs):
    """Works on the jobs of a store with threads of this process; several processes share a store.

    Args:
        handlers: what does the work of each kind; work of other kinds is left to others.
        table: where the jobs are kept.
        workers: jobs that run here at the same time; with 0 they are only queued here, for others.
        max_waiting: jobs that may wait.
        max_waiting_bytes: bytes of all waiting requests together; one alone is always taken.
        keep: finished jobs of each kind that are kept.
        keep_seconds: how long a finished job is kept.
        progress_interval: seconds between two progress events; reports in between are coalesced.
        lease: seconds of silence after which a job is taken from its worker.
        attempts: workers that may die at a job before it is given up.
        worker: the name of this process among the workers.
        watch: told what happens to jobs here.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        table: JobTable,
        *,
        workers: int = 1,
        max_waiting: int = 64,
        max_waiting_bytes: int = 1_000_000_000,
        keep: int = 256,
        keep_seconds: float = 24 * 3600,
        progress_interval: float = 0.1,
        lease: float = 15.0,
        attempts: int = 5,
        worker: str | None = None,
        watch: JobWatch | None = None,
    ) -> None:
        self._handlers, self._table = dict(handlers), table
        self._max_waiting, self._max_waiting_bytes = max_waiting, max_waiting_bytes
        self.worker = worker or worker_name()
        self._watch = watch
        self._runs = Runs()
        self._heart = Heart(table, self._runs, interval=progress_interval, lease=lease)
        self._reaper = Reaper(table, lease=lease, attempts=attempts, interval=min(1.0, lease / 10))
        self._tidying = Tidying(table, keep=keep, seconds=keep_seconds)
        self._stopping, self._gone = threading.Event(), threading.Event()
        self._work_bell, self._reaper_bell = Bell(), Bell()
        self._workers = [
            Loop(f"alaas-job-{number}", self._work, stop=self._stopping, bell=self._work_bell)
            for number in range(workers)
        ]
        self._keepers = [
            Loop("alaas-jobs-heart", self._heart.beat, stop=self._gone, bell=self._runs.begun),
            Loop("alaas-jobs-reaper", self._reap, stop=self._gone, bell=self._reaper_bell),
        ]

    def submit(
        self,
        kind: str,
        request: str,
        *,
        idempotency_key: str | None = None,
        group: str | None = None,
        unique: bool = False,
        delay: float = 0.0,
    ) -> Job:
        """See ``Jobs.submit``."""
        if kind not in self._handlers:
            raise UnknownNameError("kind of job", kind, self._handlers)
        if self._stopping.is_set():
            raise QueueFullError("the server is stopping and takes no more jobs")
        new = NewJob(
            id=uuid.uuid4().hex,
            kind=kind,
            request=request,
            group=group,
            key=idempotency_key,
            unique=unique,
            delay=delay,
        )
        digest = hashlib.sha256(f"{kind}\n{request}".encode()).hexdigest()
        row, _ = self._table.add(
            new, digest=digest, most=self._max_waiting, most_bytes=self._max_waiting_bytes
        )
        self._work_bell.ring()
        job = job_of(row)
        if self._watch is not None:
            with _logged():
                self._watch.queued(job)
        return job

    def get(self, job_id: str) -> Job:
        """See ``Jobs.get``."""
        return job_of(self._table.get(job_id))

    def recent(self, limit: int = 100, *, group: str | None = None) -> list[Job]:
        """See ``Jobs.recent``."""
        return [job_of(row) for row in self._table.recent(limit=limit, group=group)]

    def result(self, job_id: str) -> str:
        """See ``Jobs.result``."""
        result = self._table.result(job_id)
        if result is None:
            raise JobConflictError(_no_result(self.get(job_id)))
        return result

    def cancel(self, job_id: str) -> Job:
        """See ``Jobs.cancel``."""
        row = self._table.ask_cancel(job_id)
        if row.state in ("succeeded", "failed"):
            raise JobConflictError(f"job {job_id} has {row.state} already and cannot be cancelled")
        for run in self._runs.all():
            if run.row.id == job_id:
                run.look(row)
        return job_of(row)

    def events(self, job_id: str, after: int = 0) -> list[JobEvent]:
        """See ``Jobs.events``."""
        return events_of(self._table.get(job_id), after)

    def trouble(self) -> str | None:
        """See ``Jobs.trouble``."""
        return next((loop.trouble for loop in (*self._workers, *self._keepers) if loop.trouble), None)

    def close(self, timeout: float = 1.5) -> None:
        """See ``Jobs.close``."""
        self._stopping.set()
        self._work_bell.ring()
        for run in self._runs.all():
            run.cancel.set()
        if timeout <= 0:
            return
        deadline = time.monotonic() + timeout
        for loop in self._workers:
            loop.join(deadline - time.monotonic())
        self._gone.set()
        self._runs.begun.ring()
        self._reaper_bell.ring()
        for run in self._runs.all():  # those that did not listen; what they still say is refused
            settle(run, Outcome(state="queued"), self._table, self._gone)
        for loop in self._keepers:
            loop.join(max(0.1, deadline - time.monotonic()))

    def _work(self) -> float:
        """Take one job and see it through; gives the seconds to wait if there was none."""
        row = self._table.claim(self.worker, tuple(self._handlers))
        if row is None:
            return _POLL
        run = Run(row)
        self._runs.add(run)
        if self._stopping.is_set():  # since the claim: then nobody has told this run
            run.cancel.set()
        if self._watch is not None:
            with _logged():
                self._watch.begun(job_of(row))
        try:
            settle(run, attempt(run, self._handlers, self._stopping), self._table, self._gone)
        finally:
            self._runs.remove(run)
        if self._watch is not None:
            with _logged():
                self._watch.left(self.get(row.id))
        self._tidying.due.set()
        self._work_bell.ring()  # its group rests now
        return 0.0

    def _reap(self) -> float:
        if self._reaper.look():
            self._work_bell.ring()
        self._tidying.tidy()
        return self._reaper.interval


@contextmanager
def _logged() -> Iterator[None]:
    """Let no watcher change what becomes of a job."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  (told; the job goes on)
        trace = None if isinstance(error, AlaasError) else error
        _log.warning("what happened to a job could not be shown: %s", error, exc_info=trace)


def _no_result(job: Job) -> str:
    if job.state == "failed" and job.failure is not None:
        return f"job {job.id} failed and has no result: {job.failure.message}"
    if job.state == "cancelled":
        return f"job {job.id} was cancelled and has no result"
    return f"job {job.id} is {job.state} and has no result yet; ask again when it has succeeded"
