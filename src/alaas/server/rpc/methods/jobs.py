"""``alaas.v1.Jobs``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

from starlette.concurrency import run_in_threadpool

from alaas.server.follow import follow
from alaas.server.replies import job_body
from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import fill, message_of
from alaas.server.rpc.paging import limit_of
from alaas.server.verbs import jobs
from alaas.v1 import alaas_pb2

_RESULTS: Mapping[str, str] = {
    "select": "selection",
    "ask": "batch",
    "retrain": "round",
    "import": "added",
    "export": "export",
}
"""Which field of a ``JobResult`` holds what a job of each kind found."""


def list_(call: Call, request: alaas_pb2.JobsRequest) -> alaas_pb2.JobList:
    """The newest jobs."""
    return message_of(alaas_pb2.JobList, jobs.list_jobs(call.services, call.caller, limit_of(request)))


def get(call: Call, request: alaas_pb2.JobRequest) -> alaas_pb2.JobBody:
    """How a job goes."""
    job = jobs.job_for(call.services, call.caller, request.id, "reader")
    return message_of(alaas_pb2.JobBody, job_body(job))


def result(call: Call, request: alaas_pb2.JobRequest) -> alaas_pb2.JobResult:
    """What a job found."""
    job = jobs.job_for(call.services, call.caller, request.id, "reader")
    found = json.loads(call.services.jobs.result(job.id))
    return fill(alaas_pb2.JobResult(), {_RESULTS[job.kind]: found} if job.kind in _RESULTS else {})


async def watch(call: Call, request: alaas_pb2.WatchRequest) -> AsyncIterator[alaas_pb2.JobEvent]:
    """The events of a job until it ends."""
    job = await run_in_threadpool(jobs.job_for, call.services, call.caller, request.id, "reader")
    async for event in follow(call.services, job.id, after=max(0, request.after)):
        body = message_of(alaas_pb2.JobBody, job_body(event.job))
        yield alaas_pb2.JobEvent(id=event.id, kind=event.kind, job=body)


def cancel(call: Call, request: alaas_pb2.JobRequest) -> alaas_pb2.JobBody:
    """Stop a job."""
    job = jobs.job_for(call.services, call.caller, request.id, "annotator")
    return message_of(alaas_pb2.JobBody, job_body(call.services.jobs.cancel(job.id)))


RPCS = {
    "List": Rpc(route="GET /v1/jobs", answer=list_),
    "Get": Rpc(route="GET /v1/jobs/{job_id}", answer=get),
    "Result": Rpc(route="GET /v1/jobs/{job_id}/result", answer=result),
    "Watch": Rpc(route="GET /v1/jobs/{job_id}/events", answer=watch),
    "Cancel": Rpc(route="POST /v1/jobs/{job_id}/cancel", answer=cancel),
}
