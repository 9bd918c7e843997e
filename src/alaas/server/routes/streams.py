"""``/v1/projects/{project}/stream``: items that come one by one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from alaas.protocol import OfferedBody, StreamRequest
from alaas.server.body import read_body
from alaas.server.openapi import body_of
from alaas.server.opened import Admin, Administered
from alaas.server.services import Opened
from alaas.server.verbs import streams

router = APIRouter(prefix="/v1/projects/{project}/stream", tags=["stream"])

_OFFERS = {
    "two frames of a camera": {
        "items": [
            {"id": "cam1-0001", "uri": "https://cameras.example.com/1/0001.jpg"},
            {"id": "cam1-0002", "uri": "https://cameras.example.com/1/0002.jpg"},
        ]
    },
    "a message": {"items": [{"text": "Where is my parcel?"}]},
}


@router.post("", summary="Offer items of a stream", openapi_extra=body_of(StreamRequest, _OFFERS))
async def offer(project: Administered, request: Request, services: Opened, caller: Admin) -> OfferedBody:
    """Each is taken into the pool at once, or let go, by the project's `stream`. The same items again are
    answered the same and cost nothing, so it can be repeated.
    """
    body = await read_body(request, StreamRequest)
    return await run_in_threadpool(streams.offer, services, caller, project, body)
