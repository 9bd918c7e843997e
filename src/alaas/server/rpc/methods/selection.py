"""``alaas.v1.Selection``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from alaas.errors import AlaasError, StoreError
from alaas.protocol import JobBody, SelectRequest
from alaas.server.follow import follow
from alaas.server.replies import job_body
from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import body_of, fill, message_of
from alaas.server.rpc.status import JobFailed
from alaas.server.services import Services
from alaas.server.verbs.selections import start_selection
from alaas.v1 import alaas_pb2


async def select(call: Call, request: alaas_pb2.SelectRequest) -> AsyncIterator[alaas_pb2.SelectEvent]:
    """Start a selection and stay with it to its end."""
    job = await run_in_threadpool(_start, call, request)
    try:
        async for event in follow(call.services, job.id):
            yield alaas_pb2.SelectEvent(job=message_of(alaas_pb2.JobBody, job_body(event.job)))
        yield await run_in_threadpool(_result, call.services, job.id)
    except (asyncio.CancelledError, GeneratorExit):
        if call.key is None:  # with one, the caller may come back for it
            asyncio.get_running_loop().run_in_executor(None, _cancel, call.services, job.id)
        raise


def start(call: Call, request: alaas_pb2.SelectRequest) -> alaas_pb2.JobBody:
    """Start a selection."""
    return message_of(alaas_pb2.JobBody, _start(call, request))


def _start(call: Call, request: alaas_pb2.SelectRequest) -> JobBody:
    return start_selection(call.services, call.caller, body_of(SelectRequest, request), call.key)


def _result(services: Services, job_id: str) -> alaas_pb2.SelectEvent:
    job = job_body(services.jobs.get(job_id))
    if not job.finished:
        raise StoreError(
            f"the server stops; the selection {job_id} goes on when a server or a worker is there"
        )
    if job.error is not None:
        raise JobFailed(job.error)
    found = json.loads(services.jobs.result(job_id))
    return alaas_pb2.SelectEvent(result=fill(alaas_pb2.SelectionBody(), found))


def _cancel(services: Services, job_id: str) -> None:
    with suppress(AlaasError):  # it may have ended, or the store is away: nobody is left to be told
        services.jobs.cancel(job_id)


RPCS = {
    "Select": Rpc(route="POST /v1/select", answer=select),
    "Start": Rpc(route="POST /v1/select", answer=start),
}
