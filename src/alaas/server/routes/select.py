"""``/v1/select``: ask for the items most worth labelling."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.access import Caller
from alaas.protocol import JobBody, SelectRequest
from alaas.server.body import read_body
from alaas.server.gate import Needs
from alaas.server.openapi import body_of
from alaas.server.services import Opened
from alaas.server.verbs.selections import start_selection

router = APIRouter(tags=["select"])

Annotator = Annotated[Caller, Depends(Needs("annotator", everywhere=True))]
"""A selection belongs to no project, so a key for some of them is not enough."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Sending the same request again with the same key gives the same job.",
    ),
]

_EXAMPLES = {
    "a folder on the server": {"source": "photos/", "budget": 100, "strategy": "k_center"},
    "texts": {
        "items": [{"id": "a", "text": "Where is my parcel?"}, {"id": "b", "text": "Thank you!"}],
        "budget": 1,
        "strategy": "random",
        "seed": 7,
    },
    "pictures by address": {
        "items": [{"uri": "https://example.org/1.jpg"}, {"uri": "https://example.org/2.jpg"}],
        "budget": 1,
        "strategy": {"name": "k_means", "parameters": {}},
    },
}


@router.post(
    "/v1/select",
    status_code=202,
    summary="Choose the items most worth labelling",
    openapi_extra=body_of(SelectRequest, _EXAMPLES),
)
async def select(
    request: Request, response: Response, services: Opened, caller: Annotator, key: Key = None
) -> JobBody:
    """Start a selection; answers with the job and its address."""
    body = await read_body(request, SelectRequest)

    job = await run_in_threadpool(start_selection, services, caller, body, key)
    response.headers["Location"] = job.links.self
    return job
