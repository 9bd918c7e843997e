"""Jobs that live in this process: gone when it ends."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Mapping

from alaas.errors import (
    AlaasError,
    CancelledError,
    JobConflictError,
    JobNotFoundError,
    QueueFullError,
    UnknownNameError,
)
from alaas.jobs._base import Handler, Job, JobEvent, JobFailure, JobProgress, JobRun, Jobs
from alaas.jobs._record import Record

_log = logging.getLogger(__name__)


class MemoryJobs(Jobs):
    """Runs jobs on threads of this process, first come first served.

    Args:
        handlers: what does the work of each kind.
        workers: jobs that run at the same time.
        max_waiting: jobs that may wait.
        max_waiting_bytes: characters of all waiting requests together; one alone is always taken.
        keep: finished jobs that are kept.
        keep_seconds: how long a finished job is kept.
        progress_interval: seconds between two progress events; reports in between are coalesced.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        workers: int = 1,
        max_waiting: int = 64,
        max_waiting_bytes: int = 1_000_000_000,
        keep: int = 256,
        keep_seconds: float = 24 * 3600,
        progress_interval: float = 0.1,
    ) -> None:
        self._handlers = dict(handlers)
        self._max_waiting, self._max_waiting_bytes = max_waiting, max_waiting_bytes
        self._keep, self._keep_seconds = keep, keep_seconds
        self._progress_interval = progress_interval
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._keys: dict[str, str] = {}
        self._waiting: deque[Record] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            # Daemons: a handler that does not listen to its cancel event must not keep the process alive.
            threading.Thread(target=self._work, name=f"alaas-job-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, kind: str, request: str, *, idempotency_key: str | None = None) -> Job:
        """See ``Jobs.submit``."""
        if kind not in self._handlers:
            raise UnknownNameError("kind of job", kind, self._handlers)
        digest = hashlib.sha256(f"{kind}\n{request}".encode()).hexdigest()
        with self._changed:
            self._forget()
            earlier = self._earlier(idempotency_key, digest)
            if earlier is not None:
                return earlier.job
            self._check_room(len(request))
            record = Record(
                job_id=uuid.uuid4().hex, kind=kind, request=request, digest=digest, key=idempotency_key
            )
            self._records[record.job.id] = record
            if idempotency_key is not None:
                self._keys[idempotency_key] = record.job.id
            self._waiting.append(record)
            self._changed.notify()
            return record.job

    def get(self, job_id: str) -> Job:
        """See ``Jobs.get``."""
        with self._changed:
            return self._record(job_id).job

    def recent(self, limit: int = 100) -> list[Job]:
        """See ``Jobs.recent``."""
        with self._changed:
            self._forget()
            return [record.job for record in reversed(self._records.values())][:limit]

    def result(self, job_id: str) -> str:
        """See ``Jobs.result``."""
        with self._changed:
            record = self._record(job_id)
            if record.result is None:
                raise JobConflictError(_no_result(record.job))
            return record.result

    def cancel(self, job_id: str) -> Job:
        """See ``Jobs.cancel``."""
        with self._changed:
            record = self._record(job_id)
            if record.job.state in ("succeeded", "failed"):
                raise JobConflictError(f"job {job_id} has {record.job.state} already and cannot be cancelled")
            self._stop(record)
            return record.job

    def events(self, job_id: str, after: int = 0) -> list[JobEvent]:
        """See ``Jobs.events``."""
        with self._changed:
            return self._record(job_id).events_after(after)

    def close(self, timeout: float = 1.5) -> None:
        """See ``Jobs.close``."""
        with self._changed:
            self._closed = True
            for record in self._records.values():
                if not record.job.finished:
                    self._stop(record)
            self._changed.notify_all()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _record(self, job_id: str) -> Record:
        self._forget()
        record = self._records.get(job_id)
        if record is None:
            raise JobNotFoundError(f"there is no job {job_id!r}; finished jobs are kept for a while only")
        return record

    def _earlier(self, key: str | None, digest: str) -> Record | None:
        if key is None or key not in self._keys:
            return None
        record = self._records[self._keys[key]]
        if record.digest != digest:
            raise JobConflictError(
                f"the idempotency key {key!r} was used for another request (job {record.job.id}); "
                "use a new key for a new request"
            )
        return record

    def _check_room(self, size: int) -> None:
        if self._closed:
            raise QueueFullError("the server is stopping and takes no more jobs")
        if len(self._waiting) >= self._max_waiting:
            raise QueueFullError(
                f"{len(self._waiting)} jobs wait already and no more than {self._max_waiting} may "
                "(limits.max_jobs); try again later"
            )
        waiting = sum(len(record.request) for record in self._waiting)
        if self._waiting and waiting + size > self._max_waiting_bytes:
            raise QueueFullError(
                f"the waiting jobs hold {waiting} bytes and this one {size}, together more than "
                f"{self._max_waiting_bytes}; try again later"
            )

    def _stop(self, record: Record) -> None:
        record.cancel.set()
        if record.job.state == "queued":
            self._waiting.remove(record)
            record.end("cancelled")

    def _forget(self) -> None:
        """Drop finished jobs beyond the number and the age that are kept."""
        finished = sorted(
            (record for record in self._records.values() if record.job.finished),
            key=lambda record: record.ended_clock,
        )
        horizon = time.monotonic() - self._keep_seconds
        for place, record in enumerate(finished):
            if len(finished) - place > self._keep or record.ended_clock < horizon:
                del self._records[record.job.id]
                if record.key is not None:
                    del self._keys[record.key]

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                record = self._waiting.popleft()
                request, record.request = record.request, ""
                record.start()
            self._run(record, request)

    def _run(self, record: Record, request: str) -> None:
        run = JobRun(
            id=record.job.id, cancel=record.cancel, report=lambda progress: self._report(record, progress)
        )
        try:
            result = self._handlers[record.job.kind](request, run)
        except AlaasError as error:
            self._end(record, error)
        except Exception as error:  # noqa: BLE001  (logged here, and told to who asked)
            _log.exception("job %s (%s) broke", record.job.id, record.job.kind)
            self._end(record, error)
        else:
            with self._changed:
                record.result = result
                record.end("succeeded")

    def _end(self, record: Record, error: Exception) -> None:
        with self._changed:
            if isinstance(error, CancelledError):
                record.end("cancelled")
            elif isinstance(error, AlaasError):
                record.end("failed", JobFailure(code=error.code, message=error.message))
            else:
                message = f"the server broke on this job ({type(error).__name__}); its log says more"
                record.end("failed", JobFailure(code=AlaasError.code, message=message))

    def _report(self, record: Record, progress: JobProgress) -> None:
        with self._changed:
            record.report(progress, self._progress_interval)


def _no_result(job: Job) -> str:
    if job.failure is not None:
        return f"job {job.id} failed and has no result: {job.failure.message}"
    if job.state == "cancelled":
        return f"job {job.id} was cancelled and has no result"
    return f"job {job.id} is {job.state} and has no result yet; ask again when it has succeeded"
