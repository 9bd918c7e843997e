"""Retraining follows labels: soon, together, and always after the last one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from alaas.errors import QueueFullError, StoreError
from alaas.jobs import Jobs
from alaas.projects import Project
from alaas.protocol import RetrainWork
from alaas.stores import Store

_log = logging.getLogger(__name__)

DELAY = 1.0
"""Seconds between a label and the retraining that follows it, so that many labels share one."""

_KNOWN = 0.8 * DELAY
"""Seconds for which a job that was queued by this process cannot have begun, and need not be looked for."""


class Following:
    """Queues the retrainings of projects.

    Args:
        jobs: where they are queued.
        store: where the projects are.
        clock: seconds that never go backwards.
    """

    def __init__(self, jobs: Jobs, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs, self._store, self._clock = jobs, store, clock
        self._queued: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def follow(self, project: str) -> str | None:
        """Let the learner learn from what is told by now; the id of the job that will.

        None if it could not be queued. The labels are safe already, so a queue that is full must not look
        like a failure; the next label, or the next start of a server, asks again.
        """
        now = self._clock()
        with self._lock:
            since, job_id = self._queued.get(project, (-DELAY, ""))
        if now - since < _KNOWN:
            return job_id
        work = RetrainWork(project=project).model_dump_json()
        try:
            job = self._jobs.submit("retrain", work, group=f"retrain:{project}", unique=True, delay=DELAY)
        except (QueueFullError, StoreError) as error:
            _log.warning("no retraining of project %s could be queued: %s", project, error)
            return None
        if job.state == "queued":
            # One that waited before, perhaps by another process's doing, is about to begin.
            waited = max(0.0, self._store.now() - job.created.timestamp())
            with self._lock:
                self._queued[project] = (now - waited, job.id)
        return job.id

    def follow_told(self, project: Project, *, kept: int) -> str | None:
        """Follow what was just told; what was known already needs it only if nobody has followed it."""
        return self.follow(project.name) if kept or project.behind() else None

    def catch_up(self) -> None:
        """Queue the retrainings that a process which died between a label and its job has left undone."""
        after = ""
        while page := self._store.projects(after=after):
            for row in page:
                last = self._store.last_round(row.name)
                if self._store.counts(row.name, holds=False).sequence > (0 if last is None else last.through):
                    self.follow(row.name)
            after = page[-1].name
