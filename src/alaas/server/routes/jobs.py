"""``/v1/jobs``: how the work goes, its result, and stopping it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from alaas.jobs import Job
from alaas.protocol import JobBody, JobList, SelectionBody
from alaas.server.follow import follow
from alaas.server.replies import job_body
from alaas.server.services import Opened

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


def _known(job_id: str, services: Opened) -> Job:
    return services.jobs.get(job_id)


Known = Annotated[Job, Depends(_known)]
"""The job of the path; an unknown one is answered before anything is streamed."""


@router.get("", summary="List the jobs, newest first")
def list_jobs(services: Opened, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> JobList:
    """Finished jobs are listed for a while."""
    return JobList(jobs=[job_body(job) for job in services.jobs.recent(limit)])


@router.get("/{job_id}", summary="See how a job goes")
def show_job(job: Known) -> JobBody:
    """The job as it is now."""
    return job_body(job)


@router.get("/{job_id}/result", summary="Fetch what a job found", response_model=SelectionBody)
def job_result(job_id: str, services: Opened) -> Response:
    """The result of a job that has succeeded; 409 otherwise."""
    return Response(services.jobs.result(job_id), media_type="application/json")


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
def cancel_job(job_id: str, services: Opened) -> JobBody:
    """It stops within a second; stopping it again does nothing."""
    return job_body(services.jobs.cancel(job_id))


def _number(event_id: str | None) -> int:
    """An event's number; what is not one starts from the beginning."""
    return int(event_id) if event_id and event_id.isdecimal() and len(event_id) < 19 else 0
