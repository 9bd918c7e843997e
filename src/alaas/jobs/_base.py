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

    ``group`` says what it belongs to, such as ``ask:flowers``; None if to nothing.
    """

    id: str
    kind: str
    group: str | None = None
    state: JobState
    created: datetime
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
    """What a handler holds while it works: when to stop, and where to tell how far it is."""

    id: str
    cancel: threading.Event
    report: Callable[[JobProgress], None]


Handler: TypeAlias = Callable[[str, JobRun], str]
"""Does the work of one kind of job: a JSON document in, a JSON document out.

It stops within a second of ``run.cancel`` and then raises ``CancelledError``. An ``AlaasError`` becomes the
job's failure with its code and sentence; any other exception becomes ``internal`` and is logged.
"""


class Jobs(ABC):
    """Takes work, runs it in the background, and tells how it goes. Called from many threads at once.

    Work is named by its kind and a JSON document, never by a closure, so that an implementation may write it
    down and go on after a restart. A job goes queued → running → succeeded, failed or cancelled; a queued
    job may go to cancelled at once. Finished jobs are kept for a while, bounded in number and age, and then
    are as if they had never been. ``alaas.testing.jobs`` holds the suite that every implementation passes.
    """

    @abstractmethod
    def submit(self, kind: str, request: str, *, idempotency_key: str | None = None) -> Job:
        """Queue a piece of work and return at once.

        Args:
            kind: the name of the handler.
            request: a JSON document for it.
            idempotency_key: the same key with the same kind and request gives the same job, as long as the
                job is kept, whatever its state.

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
    def recent(self, limit: int = 100) -> list[Job]:
        """The jobs that are kept, newest first."""

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

        Every change of state is there. Progress is coalesced: of several reports only the latest is. An
        ``after`` that the job has not reached gives everything, as for a client of an earlier life.

        Raises:
            JobNotFoundError: no job of that id, or no longer.
        """

    @abstractmethod
    def close(self, timeout: float = 1.5) -> None:
        """Cancel what waits and runs, and wait at most ``timeout`` seconds for it.

        Nothing can be queued afterwards. Calling it again only waits.
        """

    def __enter__(self) -> Jobs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
