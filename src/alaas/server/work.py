"""What servers and workers do: the handlers of every kind of job, and the jobs that they work on."""

from __future__ import annotations

from collections.abc import Mapping

from alaas.config import Config
from alaas.jobs import DurableJobs, Handler
from alaas.selecting import Selector
from alaas.server.selection import select_handler
from alaas.stores import JobTable


def handlers(selector: Selector) -> Mapping[str, Handler]:
    """What does the work of each kind of job."""
    return {"select": select_handler(selector)}


def open_jobs(
    config: Config, table: JobTable, work: Mapping[str, Handler], *, workers: int | None = None
) -> DurableJobs:
    """The jobs of a table under this configuration; ``workers`` overrides ``server.jobs``."""
    return DurableJobs(
        work,
        table,
        workers=config.server.jobs if workers is None else workers,
        max_waiting=config.limits.max_jobs,
        max_waiting_bytes=4 * int(config.limits.max_request_bytes),
    )
