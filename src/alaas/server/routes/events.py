"""``/v1/projects/{project}/events``: what happens in a project, as it happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from alaas.errors import StoreError
from alaas.protocol import LogBody
from alaas.server.opened import Read
from alaas.server.services import Opened, Services
from alaas.stores import LogEntry

router = APIRouter(prefix="/v1/projects/{project}", tags=["projects"])

_PAGE = 500
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5


@router.get("/events", summary="Follow a project", response_class=EventSourceResponse, response_model=None)
async def project_events(
    project: Read,
    services: Opened,
    after: Annotated[int, Query(ge=0, description="Leave out the events up to this one.")] = 0,
    last_event_id: Annotated[str | None, Header(description="The last event that was seen.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events, named by what was done; from the project's first on unless told otherwise.

    A reader that reconnects with `Last-Event-ID` misses nothing. Ends when the server stops.
    """
    seen = _number(last_event_id)
    async for entry in _follow(services, project.name, after=after if seen is None else seen):
        yield ServerSentEvent(id=str(entry.sequence), event=entry.verb, data=_body(entry))


async def _follow(services: Services, project: str, *, after: int) -> AsyncIterator[LogEntry]:
    """The log of a project as it grows; looks again after a pause that grows while nothing happens."""
    pause = _FIRST_PAUSE
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
        pause = _FIRST_PAUSE if page else min(2 * pause, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


def _body(entry: LogEntry) -> LogBody:
    return LogBody(
        sequence=entry.sequence,
        at=datetime.fromtimestamp(entry.at, UTC),
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        detail=json.loads(entry.detail),
    )


def _number(event_id: str | None) -> int | None:
    """An event's number; None for what is not one."""
    return int(event_id) if event_id and event_id.isdecimal() and len(event_id) < 19 else None
