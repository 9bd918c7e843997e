"""``/v1/jobs``: how the work goes, its result, and stopping it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from alaas.access import Caller
from alaas.jobs import Job
from alaas.protocol import AddedBody, BatchBody, ExportBody, JobBody, JobList, RoundBody, SelectionBody
from alaas.server.follow import follow
from alaas.server.gate import Needs
from alaas.server.replies import job_body
from alaas.server.services import Opened
from alaas.server.verbs import jobs as verbs

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

Reader = Annotated[Caller, Depends(Needs("reader"))]
Annotator = Annotated[Caller, Depends(Needs("annotator"))]


def _known(job_id: str, services: Opened, caller: Reader) -> Job:
    return verbs.job_for(services, caller, job_id, "reader")


def _own(job_id: str, services: Opened, caller: Annotator) -> Job:
    return verbs.job_for(services, caller, job_id, "annotator")


Known = Annotated[Job, Depends(_known)]
"""The job of the path; one that is unknown or not the caller's to see is answered before anything else."""
Own = Annotated[Job, Depends(_own)]
"""The job of the path, for those who may stop it."""


@router.get("", summary="List the jobs, newest first")
def list_jobs(
    services: Opened, caller: Reader, limit: Annotated[int, Query(ge=1, le=verbs.MOST)] = 100
) -> JobList:
    """Finished jobs are listed for a while. A key for some projects sees theirs."""
    return verbs.list_jobs(services, caller, limit)


@router.get("/{job_id}", summary="See how a job goes")
def show_job(job: Known) -> JobBody:
    """The job as it is now."""
    return job_body(job)


@router.get(
    "/{job_id}/result",
    summary="Fetch what a job found",
    response_model=SelectionBody | BatchBody | RoundBody | AddedBody | ExportBody | None,
)
def job_result(job: Known, services: Opened) -> Response:
    """The result of a job that has succeeded, as its kind has it; 409 otherwise."""
    return Response(services.jobs.result(job.id), media_type="application/json")


@router.get(
    "/{job_id}/events", summary="Follow a job", response_class=EventSourceResponse, response_model=None
)
async def job_events(
    job: Known,
    services: Opened,
    last_event_id: Annotated[str | None, Header(description="The last event that was seen.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events, `state` and `progress`; the data of each is the job. Ends when the job does."""
    async for event in follow(services, job.id, after=_number(last_event_id)):
        yield ServerSentEvent(id=str(event.id), event=event.kind, data=job_body(event.job))


@router.post("/{job_id}/cancel", status_code=202, summary="Stop a job")
def cancel_job(job: Own, services: Opened) -> JobBody:
    """It stops within a second; stopping it again does nothing."""
    return job_body(services.jobs.cancel(job.id))


def _number(event_id: str | None) -> int:
    """An event's number; what is not one starts from the beginning."""
    return int(event_id) if event_id and event_id.isdecimal() and len(event_id) < 19 else 0
