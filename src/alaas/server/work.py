"""What servers and workers do: the handlers of every kind of job, and the jobs that they work on."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from alaas.config import Config
from alaas.errors import QueueFullError, StoreError
from alaas.jobs import DurableJobs, Handler, Jobs, JobWatch
from alaas.projects import Projects, project_handlers
from alaas.protocol import RetrainWork
from alaas.selecting import Selector
from alaas.server.selection import select_handler
from alaas.stores import JobTable, Store

_log = logging.getLogger(__name__)

_KEPT, _KEPT_SECONDS = 10_000, 7 * 86400.0
"""Ended jobs that a store remembers, and for how long."""


def handlers(selector: Selector, projects: Projects) -> Mapping[str, Handler]:
    """What does the work of each kind of job."""
    return {"select": select_handler(selector), **project_handlers(projects)}


def open_jobs(
    config: Config,
    table: JobTable,
    work: Mapping[str, Handler],
    *,
    workers: int | None = None,
    watch: JobWatch | None = None,
) -> DurableJobs:
    """The jobs of a table under this configuration; ``workers`` overrides ``server.jobs``."""
    return DurableJobs(
        work,
        table,
        workers=config.server.jobs if workers is None else workers,
        max_waiting=config.limits.max_jobs,
        max_waiting_bytes=4 * int(config.limits.max_request_bytes),
        keep=_KEPT,
        keep_seconds=_KEPT_SECONDS,
        watch=watch,
    )


def open_webhook_jobs(table: JobTable, work: Mapping[str, Handler], workers: int) -> DurableJobs:
    """The jobs that serve webhooks: with workers of their own, so that a slow receiver takes none of
    others.
    """
    return DurableJobs(work, table, workers=workers, max_waiting=1_000_000)


def queue_retrain(jobs: Jobs, project: str) -> str | None:
    """Let a learner follow the labels; the id of the job, None if it could not be queued.

    The labels are safe already, so a queue that is full must not look like a failure; the next label, or the
    next start of a server, asks again.
    """
    work = RetrainWork(project=project).model_dump_json()
    try:
        return jobs.submit("retrain", work, group=f"retrain:{project}", unique=True).id
    except (QueueFullError, StoreError) as error:
        _log.warning("no retraining of project %s could be queued: %s", project, error)
        return None


def follow_labels(store: Store, jobs: Jobs) -> None:
    """Queue the retrainings that a process which died between a label and its job has left undone."""
    after = ""
    while page := store.projects(after=after):
        for row in page:
            last = store.last_round(row.name)
            if store.counts(row.name).sequence > (0 if last is None else last.through):
                queue_retrain(jobs, row.name)
        after = page[-1].name
