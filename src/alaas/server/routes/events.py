"""``/v1/projects/{project}/events``: what happens in a project, as it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from alaas.server.follow import follow_log
from alaas.server.opened import Read
from alaas.server.replies import log_body
from alaas.server.services import Opened

router = APIRouter(prefix="/v1/projects/{project}", tags=["projects"])


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
    async for entry in follow_log(services, project.name, after=after if seen is None else seen):
        yield ServerSentEvent(id=str(entry.sequence), event=entry.verb, data=log_body(entry))


def _number(event_id: str | None) -> int | None:
    """An event's number; None for what is not one."""
    return int(event_id) if event_id and event_id.isdecimal() and len(event_id) < 19 else None
