"""Following jobs and projects without holding a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.concurrency import run_in_threadpool

from alaas.errors import JobNotFoundError, StoreError
from alaas.jobs import JobEvent
from alaas.server.services import Services
from alaas.stores import LogEntry

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.2
_PAGE = 500
_LOG_FIRST_PAUSE = 0.05
_LOG_LONGEST_PAUSE = 0.5


async def follow(
    services: Services, job_id: str, *, after: int = 0, gone: Callable[[], Awaitable[bool]] | None = None
) -> AsyncIterator[JobEvent]:
    """The events of a job until it ends, is forgotten, the server stops, or whoever waits is ``gone``.

    Looks again after a pause that grows, so that a job of milliseconds is told at once and one of hours costs
    five looks a second. This works for jobs that another process runs, too.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            job = await run_in_threadpool(services.jobs.get, job_id)
            events = await run_in_threadpool(services.jobs.events, job_id, after)
        except JobNotFoundError:
            return
        for event in events:
            yield event
            after = event.id
        # The job was looked at before its events: if it had ended by then, its last event was among them.
        if job.finished or services.stopping.is_set():
            return
        if gone is not None and await gone():
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def follow_log(services: Services, project: str, *, after: int) -> AsyncIterator[LogEntry]:
    """The log of a project as it grows; looks again after a pause that grows while nothing happens."""
    pause = _LOG_FIRST_PAUSE
    while not services.stopping.is_set():
        try:
            page = await run_in_threadpool(services.store.log, project, after=after, limit=_PAGE)
        except StoreError:  # the reader stays; it misses nothing, for the log goes on where it was
            page = []
        for entry in page:
            yield entry
            after = entry.sequence
        if len(page) == _PAGE:
            continue
        pause = _LOG_FIRST_PAUSE if page else min(2 * pause, _LOG_LONGEST_PAUSE)
        await asyncio.sleep(pause)
