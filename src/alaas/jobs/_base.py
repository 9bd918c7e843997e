"""The contract of jobs: pieces of server work that outlive the request that asked for them."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Literal, TypeAlias

from alaas.protocol import FINISHED, JobState
from alaas.types import StageStats


@dataclass(frozen=True, kw_only=True, slots=True)
class JobProgress:
    """A glance at a running job: ``done`` of ``total`` items, ``failed`` of them with a reason."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    stages: tuple[StageStats, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFailure:
    """Why a job failed: the error's stable ``code`` and its sentence."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job at one moment. Times are in UTC; ``ended`` is set in every state of ``FINISHED``.

    ``group`` says what it belongs to, such as ``ask:flowers``, None if to nothing; ``attempt`` counts the
    times that it was begun. A queued job has a ``failure`` when its last attempt was put off.
    """

    id: str
    kind: str
    state: JobState
    created: datetime
    group: str | None = None
    attempt: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    progress: JobProgress = JobProgress()
    failure: JobFailure | None = None

    @property
    def finished(self) -> bool:
        """Whether its state will not change any more."""
        return self.state in FINISHED


@dataclass(frozen=True, kw_only=True, slots=True)
class JobEvent:
    """What changed: ``job`` as it was then. ``id`` counts up from 1 within the job."""

    id: int
    kind: Literal["state", "progress"]
    job: Job


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRun:
    """What a handler holds while it works: when to stop, and where to tell how far it is.

    ``id`` is the job's and stays the same over its attempts, so what a handler creates may be named by it;
    ``attempt`` counts up from 1.
    """

    id: str
    attempt: int
    cancel: threading.Event
    report: Callable[[JobProgress], None]


Handler: TypeAlias = Callable[[str, JobRun], str]
"""Does the work of one kind of job: a JSON document in, a JSON document out.

A handler must be idempotent: a job whose worker dies, or whose process stops, is begun again by another
worker, perhaps while the first still works without knowing that it has lost the job. Exactly one of them gets
to give the result.

It stops within a second of ``run.cancel`` and then raises ``CancelledError``. A ``StoreError`` puts the job
off: it is begun again, after a while that grows. Any other ``AlaasError`` becomes the job's failure with its
code and sentence; any other exception becomes ``internal`` and is logged.
"""


class Jobs(ABC):
    """Takes work, runs it in the background, and tells how it goes. Called from many threads at once.

    Work is named by its kind and a JSON document, never by a closure, so that it can be written down and
    survives the process. A job goes queued → running → succeeded, failed or cancelled; a queued job may go to
    cancelled at once, and a running one back to queued when its worker stops or dies. Finished jobs are kept
    for a while, bounded in number and age, and then are as if they had never been. Every verb raises
    ``StoreError`` when the place where jobs are kept cannot be reached. ``alaas.testing.jobs`` holds the
    suite that every implementation passes.
    """

    @abstractmethod
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
        """Queue a piece of work and return at once.

        Args:
            kind: the name of the handler.
            request: a JSON document for it.
            idempotency_key: the same key with the same kind and request gives the same job, as long as the
                job is kept, whatever its state.
            group: what it belongs to, such as a project; of a group's jobs one runs at a time.
            unique: if a job of this kind and group waits with the same request, that one is given. One that
                has begun does not count: it may not have seen what this request is about.
            delay: seconds before which it does not start.

        Raises:
            UnknownNameError: no handler is called ``kind``.
            QueueFullError: as many jobs wait as may wait.
            JobConflictError: the key was used for another request.
        """

    @abstractmethod
    def get(self, job_id: str) -> Job:
        """The job as it is now.

        Raises:
            JobNotFoundError: no job of that id, or no longer.
        """

    @abstractmethod
    def recent(self, limit: int = 100, *, group: str | None = None) -> list[Job]:
        """The jobs that are kept, newest first; of one group only, if it is named."""

    @abstractmethod
    def result(self, job_id: str) -> str:
        """The JSON document that the handler returned.

        Raises:
            JobNotFoundError: no job of that id, or no longer.
            JobConflictError: it has not succeeded; the message says how it stands.
        """

    @abstractmethod
    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop: at once if it waits, within a second if it runs. Asking again does nothing.

        Raises:
            JobNotFoundError: no job of that id, or no longer.
            JobConflictError: it has succeeded or failed.
        """

    @abstractmethod
    def events(self, job_id: str, after: int = 0) -> list[JobEvent]:
        """What changed since the event ``after``, oldest first; never waits.

        Every change of state is there (the last two hundred of a job that is begun again and again).
        Progress is coalesced: of several reports only the latest is. An ``after`` that the job has not
        reached gives everything, as for a client of an earlier life.

        Raises:
            JobNotFoundError: no job of that id, or no longer.
        """

    @abstractmethod
    def trouble(self) -> str | None:
        """Why no work is done here, in one sentence, such as that the store is away; None while all is well.

        Costs nothing: it looks at nothing but this process.
        """

    @abstractmethod
    def close(self, timeout: float = 1.5) -> None:
        """Stop working, and wait at most ``timeout`` seconds for what runs.

        What runs is told to stop and goes back to the queue, as does what has not stopped by then; what waits
        goes on waiting. Whoever opens the same store next goes on with both. Nothing can be queued
        afterwards. With ``timeout`` 0 everything is told, and nothing waited for. Calling it again is fine.
        """

    def __enter__(self) -> Jobs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
