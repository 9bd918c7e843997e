"""``/v1/projects/{project}/items``: what there is to label."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.protocol import AddedBody, ItemPage, ItemsRequest, JobBody, Role
from alaas.server.body import read_body
from alaas.server.openapi import body_of
from alaas.server.opened import Admin, Administered, IdempotencyKey, Read
from alaas.server.paging import After, Limit
from alaas.server.services import Opened
from alaas.server.verbs import items as verbs
from alaas.stores import ItemState

router = APIRouter(prefix="/v1/projects/{project}", tags=["items"])

_EXAMPLES = {
    "texts": {"items": [{"id": "a", "text": "Where is my parcel?"}, {"id": "b", "text": "Thank you!"}]},
    "labelled rows that measure": {
        "items": [{"id": "r1", "row": {"height": 1.5, "colour": "red"}, "label": "apple"}],
        "role": "validation",
    },
    "a folder on the server": {"source": "photos/"},
}


@router.post(
    "/items",
    status_code=201,
    summary="Add items",
    response_model=AddedBody | JobBody,
    responses={202: {"model": JobBody, "description": "A source is read by a job, `import`."}},
    openapi_extra=body_of(ItemsRequest, _EXAMPLES),
)
async def add_items(
    project: Administered,
    request: Request,
    response: Response,
    services: Opened,
    caller: Admin,
    key: IdempotencyKey = None,
) -> AddedBody | JobBody:
    """Items in the request are added at once (201); a source is read by a job (202). Known ids stay as they
    are, so it can be repeated.
    """
    body = await read_body(request, ItemsRequest)
    answer = await run_in_threadpool(verbs.add_items, services, caller, project, body, key)
    if isinstance(answer, JobBody):
        response.status_code = 202
        response.headers["Location"] = answer.links.self
    return answer


@router.get("/items", summary="List the items")
def list_items(
    project: Read,
    after: After = None,
    limit: Limit = 100,
    state: Annotated[list[ItemState] | None, Query(description="Items in these states only.")] = None,
    item: Annotated[list[str] | None, Query(alias="id", description="Items with these ids only.")] = None,
    role: Role | None = None,
) -> ItemPage:
    """In the order of their arrival."""
    return verbs.list_items(project, after, limit, states=state, ids=item, role=role)
