"""The contract of the table of jobs: what makes a piece of work survive the process that does it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

JobRowState: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """A piece of work to queue.

    ``group`` says what it belongs to, such as a project; of a group's jobs one runs at a time. ``unique``:
    if a job of this kind and group waits with the same request, it is given instead of a new one
    (coalescing). ``delay`` seconds pass before it may start.
    """

    id: str
    kind: str
    request: str
    group: str | None = None
    key: str | None = None
    unique: bool = False
    delay: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRow:
    """A job as it is kept. Times are seconds since 1970 by the store's clock.

    ``request`` is there in what ``claim`` gives; elsewhere it is empty, because it may be large. ``attempt``
    counts the times that it was begun and is the token of whoever works on it, ``worker`` its name; ``lost``
    counts the workers that fell silent at it. ``beat`` goes up with every sign of life. ``progress``,
    ``failure`` and each of ``events`` are JSON documents, see ``alaas.stores._job_moves``. A queued job has a
    ``failure`` when its last attempt was put off.
    """

    id: str
    kind: str
    group: str | None
    state: JobRowState
    request: str
    created: float
    started: float | None = None
    ended: float | None = None
    attempt: int = 0
    lost: int = 0
    worker: str | None = None
    beat: int = 0
    cancel: bool = False
    progress: str = "{}"
    failure: str | None = None
    events: str = "[]"


class JobTable(ABC):
    """Rows of jobs. Every method is one transaction; called by many threads and processes at once.

    Every method raises ``StoreError`` when the store cannot be reached or written. No method waits. A worker
    that holds a job says so with ``beat``; one that has not for a while has lost it: whoever sees that takes
    it back with ``reclaim``, and what the old worker still says is refused, because its attempt is not the
    job's any more.
    """

    @abstractmethod
    def add(
        self, new: NewJob, *, digest: str, most: int | None, most_bytes: int | None = None
    ) -> tuple[JobRow, bool]:
        """Queue a job; says whether it is new. ``digest`` stands for its kind and request.

        Raises:
            JobConflictError: the key stands for another request (by ``digest``).
            QueueFullError: ``most`` jobs wait already (in all groups together), or their requests and this
                one have more than ``most_bytes`` bytes together; one alone is always taken.
        """

    @abstractmethod
    def get(self, job_id: str) -> JobRow:
        """The job as it is now.

        Raises:
            JobNotFoundError: there is none of that id.
        """

    @abstractmethod
    def result(self, job_id: str) -> str | None:
        """What the handler returned; None if it has not succeeded."""

    @abstractmethod
    def recent(self, *, limit: int = 100, group: str | None = None) -> list[JobRow]:
        """Jobs, newest first."""

    @abstractmethod
    def claim(self, worker: str, kinds: Collection[str]) -> JobRow | None:
        """Take the oldest queued job of these kinds whose delay has passed and whose group rests; None if
        none.

        The job is then ``running`` for ``worker``, its attempt one higher. No two claims give the same job,
        and of a group's jobs the oldest goes first. A clock that was set back keeps no delayed job waiting.
        """

    @abstractmethod
    def beat(self, job_id: str, attempt: int, *, progress: str | None = None) -> JobRow | None:
        """Say that the job is alive, and perhaps how far; None if this attempt has lost it."""

    @abstractmethod
    def finish(
        self,
        job_id: str,
        attempt: int,
        state: JobRowState,
        *,
        result: str | None = None,
        failure: str | None = None,
        progress: str | None = None,
        delay: float = 0.0,
    ) -> bool:
        """End this attempt: a final state, or ``queued`` to try again after ``delay`` seconds.

        A job that was asked to stop is cancelled instead of queued. False if this attempt has lost the job.
        """

    @abstractmethod
    def running(self) -> list[JobRow]:
        """Every job that is running, for those who look for the dead."""

    @abstractmethod
    def reclaim(self, job_id: str, attempt: int, beat: int, *, attempts: int) -> JobRow | None:
        """Take a job back from a worker that has been silent since ``beat``.

        It is queued again; failed with the code ``attempts`` once ``attempts`` workers were lost at it;
        cancelled if that was asked. None if the worker has spoken since, or somebody else was first.
        """

    @abstractmethod
    def ask_cancel(self, job_id: str) -> JobRow:
        """Cancel a queued job at once; ask a running one to stop; leave an ended one as it is.

        Raises:
            JobNotFoundError: there is none of that id.
        """

    @abstractmethod
    def waiting(self) -> int:
        """Jobs that are queued."""

    @abstractmethod
    def forget(self, *, age: float, keep: int) -> int:
        """Delete jobs that ended more than ``age`` seconds ago, and all but the ``keep`` newest ended of each
        kind; how many went.
        """
