"""What servers and workers do: the handlers of every kind of job, and the jobs that they work on."""

from __future__ import annotations

from collections.abc import Mapping

from alaas.config import Config
from alaas.jobs import DurableJobs, Handler, JobWatch
from alaas.projects import Projects, project_handlers
from alaas.selecting import Selector
from alaas.server.selection import select_handler
from alaas.stores import JobTable

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
