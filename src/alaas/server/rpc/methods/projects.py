"""``alaas.v1.Projects``: projects and their items."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import HTTPException
from google.protobuf import empty_pb2
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from alaas.errors import UsageError
from alaas.projects import project_body, status_body
from alaas.protocol import (
    AddedBody,
    ItemsRequest,
    JobBody,
    ProjectChange,
    ProjectDefinition,
    Role,
    StreamRequest,
)
from alaas.server.body import refused
from alaas.server.follow import follow_log
from alaas.server.replies import log_body
from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import body_of, message_of, plain
from alaas.server.rpc.paging import page_of
from alaas.server.verbs import items, projects, streams
from alaas.server.versions import etag
from alaas.stores import ItemState
from alaas.v1 import alaas_pb2

_STATES: TypeAdapter[list[ItemState]] = TypeAdapter(list[ItemState])
_ROLE: TypeAdapter[Role] = TypeAdapter(Role)
_CHANGE_ONLY = ("project", "version", "any_version", "defaults")


def create(call: Call, request: alaas_pb2.ProjectDefinition) -> alaas_pb2.ProjectBody:
    """Make a project."""
    body = body_of(ProjectDefinition, request)
    return message_of(
        alaas_pb2.ProjectBody, projects.create_project(call.services, call.caller, body, call.key)
    )


def get(call: Call, request: alaas_pb2.ProjectRequest) -> alaas_pb2.ProjectBody:
    """What a project is made from."""
    return message_of(alaas_pb2.ProjectBody, project_body(call.services.store.project(request.project)))


def list_(call: Call, request: alaas_pb2.ProjectsRequest) -> alaas_pb2.ProjectPage:
    """The projects that the caller may see."""
    page = projects.list_projects(call.services, call.caller, *page_of(request))
    return message_of(alaas_pb2.ProjectPage, page)


def change(call: Call, request: alaas_pb2.ProjectChange) -> alaas_pb2.ProjectBody:
    """Change a project."""
    sent = plain(request)
    both = [name for name in request.defaults if name in sent]
    unknown = [name for name in request.defaults if name not in ProjectChange.model_fields]
    if both or unknown:
        wrong = f"{both[0]!r} is set as well" if both else f"there is no {unknown[0]!r} to change"
        raise UsageError(f"defaults: {wrong}; name fields of ProjectChange that are not set")
    fields = {name: value for name, value in sent.items() if name not in _CHANGE_ONLY}
    with refused(ProjectChange):
        body = ProjectChange.model_validate({**fields, **dict.fromkeys(request.defaults)})
    changed = projects.change_project(call.services, call.caller, request.project, body, _match(request))
    return message_of(alaas_pb2.ProjectBody, changed)


def delete(call: Call, request: alaas_pb2.DeleteRequest) -> empty_pb2.Empty:
    """Delete a project with its labels."""
    projects.delete_project(call.services, call.caller, request.project, _match(request))
    return empty_pb2.Empty()


def status(call: Call, request: alaas_pb2.ProjectRequest) -> alaas_pb2.StatusBody:
    """How a project stands."""
    return message_of(alaas_pb2.StatusBody, status_body(call.project(request.project).status()))


async def follow(call: Call, request: alaas_pb2.FollowRequest) -> AsyncIterator[alaas_pb2.LogBody]:
    """What happens in a project, as it happens."""
    project = await run_in_threadpool(call.project, request.project)
    async for entry in follow_log(call.services, project.name, after=max(0, request.after)):
        yield message_of(alaas_pb2.LogBody, log_body(entry))


async def add_items(call: Call, requests: AsyncIterator[alaas_pb2.ItemsRequest]) -> alaas_pb2.AddReply:
    """Add what comes, message by message: the next one waits until this one is safe."""
    reply, place = alaas_pb2.AddReply(added=alaas_pb2.AddedBody()), 0
    async for request in requests:
        key = call.key if call.key is None or place == 0 else f"{call.key} {place}"
        came = await run_in_threadpool(_add, call, request, key)
        if isinstance(came, JobBody):
            reply.jobs.append(message_of(alaas_pb2.JobBody, came))
        else:
            reply.added.added += came.added
            reply.added.known += came.known
        place += 1
    return reply


async def offer(
    call: Call, requests: AsyncIterator[alaas_pb2.StreamRequest]
) -> AsyncIterator[alaas_pb2.OfferedBody]:
    """Decide what comes, message by message."""
    async for request in requests:
        yield await run_in_threadpool(_offer, call, request)


def list_items(call: Call, request: alaas_pb2.ItemsPageRequest) -> alaas_pb2.ItemPage:
    """The items in the order of their arrival."""
    with refused():
        states = _STATES.validate_python(list(request.state)) or None
        role = _ROLE.validate_python(request.role) if request.HasField("role") else None
    ids = list(request.id) or None
    page = items.list_items(
        call.project(request.project), *page_of(request), states=states, ids=ids, role=role
    )
    return message_of(alaas_pb2.ItemPage, page)


def _add(call: Call, request: Any, key: str | None) -> AddedBody | JobBody:
    body = body_of(ItemsRequest, request, "project")
    return items.add_items(call.services, call.caller, call.project(request.project), body, key)


def _offer(call: Call, request: Any) -> alaas_pb2.OfferedBody:
    body, project = body_of(StreamRequest, request, "project"), call.project(request.project)
    return message_of(alaas_pb2.OfferedBody, streams.offer(call.services, call.caller, project, body))


def _match(request: Any) -> str:
    """The version that is meant, as HTTP has it."""
    if request.HasField("version"):
        return etag(request.version)
    if request.any_version:
        return "*"
    raise HTTPException(
        428, "say which version is meant: set version to what Get shows, or any_version to overrule others"
    )


RPCS = {
    "Create": Rpc(route="POST /v1/projects", answer=create),
    "Get": Rpc(route="GET /v1/projects/{project}", answer=get),
    "List": Rpc(route="GET /v1/projects", answer=list_),
    "Change": Rpc(route="PATCH /v1/projects/{project}", answer=change),
    "Delete": Rpc(route="DELETE /v1/projects/{project}", answer=delete),
    "Status": Rpc(route="GET /v1/projects/{project}/status", answer=status),
    "Follow": Rpc(route="GET /v1/projects/{project}/events", answer=follow),
    "AddItems": Rpc(route="POST /v1/projects/{project}/items", answer=add_items),
    "Offer": Rpc(route="POST /v1/projects/{project}/stream", answer=offer),
    "Items": Rpc(route="GET /v1/projects/{project}/items", answer=list_items),
}
