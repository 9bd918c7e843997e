"""``/v1/projects/{project}/batches``: asking for what is most worth labelling."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.access import Caller
from alaas.errors import BatchNotFoundError, JobNotFoundError
from alaas.projects import Project, batch_body, replay_body
from alaas.protocol import (
    AskWork,
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
from alaas.server.opened import Annotator, IdempotencyKey, Labelled, Read, queue
from alaas.server.paging import After, Limit, cut, number
from alaas.server.services import Opened

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
    wanted = body.model_copy(update={"annotator": caller.annotator(body.annotator)})
    work = AskWork(project=project.name, batch=wanted).model_dump_json(exclude_defaults=True)
    job = await run_in_threadpool(queue, services, "ask", work, project=project.name, caller=caller, key=key)
    response.headers["Location"] = job.links.self
    return job


@router.get("", summary="List the batches")
def list_batches(project: Read, after: After = None, limit: Limit = 100) -> BatchPage:
    """In the order in which they were handed out."""
    found = project.batches(after=number(after, -1), limit=limit + 1)
    batches, more = cut(found, limit, lambda batch: batch.ordinal)
    return BatchPage(batches=[batch_body(batch) for batch in batches], next=more)


@router.get("/{batch}", summary="See a batch")
def show_batch(project: Read, batch: str, services: Opened) -> BatchBody:
    """Its items and what became of them."""
    try:
        return batch_body(project.batch(batch))
    except BatchNotFoundError as error:
        with suppress(JobNotFoundError):
            job = services.jobs.get(batch)
            if job.kind == "ask" and not job.finished:
                raise BatchNotFoundError(
                    f"batch {batch!r} is still being chosen; follow /v1/jobs/{batch}"
                ) from error
        raise


@router.post(
    "/{batch}/release",
    summary="Give items of a batch back",
    openapi_extra=body_of(ReleaseRequest, _RELEASES, required=False),
)
async def release(project: Labelled, batch: str, request: Request, caller: Annotator) -> BatchBody:
    """They go back to the pool at once; those that have an answer keep it."""
    body = await read_optional_body(request, ReleaseRequest)

    def give_back() -> BatchBody:
        _check_holder(project, batch, caller)
        return batch_body(project.release(batch, body.items, actor=caller.name))

    return await run_in_threadpool(give_back)


@router.post(
    "/{batch}/extend",
    summary="Hold a batch for longer",
    openapi_extra=body_of(ExtendRequest, _EXTENSIONS, required=False),
)
async def extend(project: Labelled, batch: str, request: Request, caller: Annotator) -> BatchBody:
    """Items whose lease has run out are held again if they are still free."""
    body = await read_optional_body(request, ExtendRequest)

    def hold() -> BatchBody:
        _check_holder(project, batch, caller)
        return batch_body(project.extend(batch, body.lease, actor=caller.name))

    return await run_in_threadpool(hold)


@router.get("/{batch}/replay", summary="Choose a batch again and compare")
def replay(project: Read, batch: str) -> ReplayBody:
    """Changes nothing; says whether the same items come out."""
    return replay_body(project.replay(batch))


def _check_holder(project: Project, batch: str, caller: Caller) -> None:
    """Let annotators give back and hold on to what is theirs; an admin may for everybody."""
    caller.annotator(project.store.batch(project.name, batch).annotator)
