"""``alaas.v1.Projects``: batches and labels."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from alaas.projects import replay_body
from alaas.protocol import BatchRequest, ExtendRequest, ReleaseRequest, TellRequest
from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import body_of, message_of
from alaas.server.rpc.paging import page_of
from alaas.server.verbs import batches, labels
from alaas.v1 import alaas_pb2


def ask(call: Call, request: alaas_pb2.BatchRequest) -> alaas_pb2.JobBody:
    """Ask for items to label."""
    body = body_of(BatchRequest, request, "project")
    project = call.project(request.project)
    return message_of(alaas_pb2.JobBody, batches.ask(call.services, call.caller, project, body, call.key))


def list_batches(call: Call, request: alaas_pb2.PageRequest) -> alaas_pb2.BatchPage:
    """The batches in the order in which they were handed out."""
    page = batches.list_batches(call.project(request.project), *page_of(request))
    return message_of(alaas_pb2.BatchPage, page)


def show_batch(call: Call, request: alaas_pb2.OneBatchRequest) -> alaas_pb2.BatchBody:
    """A batch and what became of it."""
    body = batches.show_batch(call.services, call.project(request.project), request.batch)
    return message_of(alaas_pb2.BatchBody, body)


def release(call: Call, request: alaas_pb2.ReleaseRequest) -> alaas_pb2.BatchBody:
    """Give items of a batch back."""
    body, project = body_of(ReleaseRequest, request, "project", "batch"), call.project(request.project)
    return message_of(alaas_pb2.BatchBody, batches.release(call.caller, project, request.batch, body))


def extend(call: Call, request: alaas_pb2.ExtendRequest) -> alaas_pb2.BatchBody:
    """Hold a batch for longer."""
    body, project = body_of(ExtendRequest, request, "project", "batch"), call.project(request.project)
    return message_of(alaas_pb2.BatchBody, batches.extend(call.caller, project, request.batch, body))


def replay(call: Call, request: alaas_pb2.OneBatchRequest) -> alaas_pb2.ReplayBody:
    """Choose a batch again and compare."""
    found = call.project(request.project).replay(request.batch)
    return message_of(alaas_pb2.ReplayBody, replay_body(found))


async def tell(call: Call, request: alaas_pb2.TellRequest) -> alaas_pb2.ToldBody:
    """Keep labels; on the event loop, so that those that come in together are kept together."""
    if call.services.projects.at_hand(request.project) is None:
        await run_in_threadpool(call.project, request.project)  # or say that there is none
    body = await run_in_threadpool(body_of, TellRequest, request, "project")
    told = await labels.tell(call.services, call.caller, request.project, body)
    return message_of(alaas_pb2.ToldBody, told)


def list_labels(call: Call, request: alaas_pb2.PageRequest) -> alaas_pb2.LabelPage:
    """The history of labels."""
    return message_of(
        alaas_pb2.LabelPage, labels.list_labels(call.project(request.project), *page_of(request))
    )


def list_conflicts(call: Call, request: alaas_pb2.PageRequest) -> alaas_pb2.DisagreementPage:
    """Items whose annotators disagree."""
    page = labels.list_conflicts(call.project(request.project), *page_of(request))
    return message_of(alaas_pb2.DisagreementPage, page)


_BATCH = "/v1/projects/{project}/batches/{batch}"

RPCS = {
    "Ask": Rpc(route="POST /v1/projects/{project}/batches", answer=ask),
    "Batches": Rpc(route="GET /v1/projects/{project}/batches", answer=list_batches),
    "Batch": Rpc(route=f"GET {_BATCH}", answer=show_batch),
    "Release": Rpc(route=f"POST {_BATCH}/release", answer=release),
    "Extend": Rpc(route=f"POST {_BATCH}/extend", answer=extend),
    "Replay": Rpc(route=f"GET {_BATCH}/replay", answer=replay),
    "Tell": Rpc(route="POST /v1/projects/{project}/labels", answer=tell),
    "Labels": Rpc(route="GET /v1/projects/{project}/labels", answer=list_labels),
    "Conflicts": Rpc(route="GET /v1/projects/{project}/conflicts", answer=list_conflicts),
}
