"""``/v1/projects/{project}/batches``: asking for what is most worth labelling."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.projects import replay_body
from alaas.protocol import (
    BatchBody,
    BatchPage,
    BatchRequest,
    ExtendRequest,
    JobBody,
    ReleaseRequest,
    ReplayBody,
)
from alaas.server.body import read_optional_body
from alaas.server.openapi import body_of
from alaas.server.opened import Annotator, IdempotencyKey, Labelled, Read
from alaas.server.paging import After, Limit
from alaas.server.services import Opened
from alaas.server.verbs import batches as verbs

router = APIRouter(prefix="/v1/projects/{project}/batches", tags=["batches"])

_ASKS = {
    "twenty for Ada": {"k": 20, "annotator": "ada"},
    "these first, for two hours": {"k": 10, "pin": ["a", "b"], "lease": 7200},
}
_RELEASES = {"one item": {"items": ["a"]}, "all that have no answer": {}}
_EXTENSIONS = {"two hours from now": {"lease": 7200}, "as the project says": {}}


@router.post(
    "",
    status_code=202,
    summary="Ask for items to label",
    openapi_extra=body_of(BatchRequest, _ASKS, required=False),
)
async def ask(
    project: Labelled,
    request: Request,
    response: Response,
    services: Opened,
    caller: Annotator,
    key: IdempotencyKey = None,
) -> JobBody:
    """Start a job; the batch is its result and has its id."""
    body = await read_optional_body(request, BatchRequest)
    job = await run_in_threadpool(verbs.ask, services, caller, project, body, key)
    response.headers["Location"] = job.links.self
    return job


@router.get("", summary="List the batches")
def list_batches(project: Read, after: After = None, limit: Limit = 100) -> BatchPage:
    """In the order in which they were handed out."""
    return verbs.list_batches(project, after, limit)


@router.get("/{batch}", summary="See a batch")
def show_batch(project: Read, batch: str, services: Opened) -> BatchBody:
    """Its items and what became of them."""
    return verbs.show_batch(services, project, batch)


@router.post(
    "/{batch}/release",
    summary="Give items of a batch back",
    openapi_extra=body_of(ReleaseRequest, _RELEASES, required=False),
)
async def release(project: Labelled, batch: str, request: Request, caller: Annotator) -> BatchBody:
    """They go back to the pool at once; those that have an answer keep it."""
    body = await read_optional_body(request, ReleaseRequest)
    return await run_in_threadpool(verbs.release, caller, project, batch, body)


@router.post(
    "/{batch}/extend",
    summary="Hold a batch for longer",
    openapi_extra=body_of(ExtendRequest, _EXTENSIONS, required=False),
)
async def extend(project: Labelled, batch: str, request: Request, caller: Annotator) -> BatchBody:
    """Items whose lease has run out are held again if they are still free."""
    body = await read_optional_body(request, ExtendRequest)
    return await run_in_threadpool(verbs.extend, caller, project, batch, body)


@router.get("/{batch}/replay", summary="Choose a batch again and compare")
def replay(project: Read, batch: str) -> ReplayBody:
    """Changes nothing; says whether the same items come out."""
    return replay_body(project.replay(batch))
