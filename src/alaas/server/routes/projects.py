"""``/v1/projects``: making, changing and deleting projects, and how they stand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.access import Caller
from alaas.projects import project_body, status_body
from alaas.protocol import (
    ProjectBody,
    ProjectChange,
    ProjectDefinition,
    ProjectPage,
    StatusBody,
)
from alaas.server.body import read_body
from alaas.server.gate import Needs
from alaas.server.openapi import body_of
from alaas.server.opened import Admin, Read
from alaas.server.paging import After, Limit
from alaas.server.services import Opened
from alaas.server.verbs import projects as verbs
from alaas.server.versions import IfMatch, IfNoneMatch, etag, is_known

router = APIRouter(prefix="/v1/projects", tags=["projects"])

Creator = Annotated[Caller, Depends(Needs("admin"))]
AnyReader = Annotated[Caller, Depends(Needs("reader"))]

CreationKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Sending the same definition again with the same key gives the project, not a 409.",
    ),
]

_DEFINITIONS = {
    "texts": {"name": "reviews", "task": {"classes": ["good", "bad"]}, "strategy": "margin", "budget": 500},
    "rows, two annotators each": {
        "name": "tickets",
        "modality": "table",
        "model": "passthrough",
        "task": {"kind": "multi-label", "classes": ["billing", "bug", "praise"]},
        "labelling": {"annotators": 2, "decide": "unanimous"},
    },
}
_CHANGES = {"a larger budget": {"budget": 1000}, "the default strategy again": {"strategy": None}}


@router.post(
    "",
    status_code=201,
    summary="Make a project",
    openapi_extra=body_of(ProjectDefinition, _DEFINITIONS),
)
async def create_project(
    request: Request,
    response: Response,
    services: Opened,
    caller: Creator,
    key: CreationKey = None,
) -> ProjectBody:
    """What is left out comes from the server's configuration; jobs read the sources that are named. 409 if
    the name is taken.
    """
    body = await read_body(request, ProjectDefinition)
    project = await run_in_threadpool(verbs.create_project, services, caller, body, key)
    response.headers["Location"] = f"/v1/projects/{project.name}"
    response.headers["ETag"] = etag(project.version)
    return project


@router.get("", summary="List the projects")
def list_projects(
    services: Opened, caller: AnyReader, after: After = None, limit: Limit = 100
) -> ProjectPage:
    """In the order of their names. A key for some projects sees those."""
    return verbs.list_projects(services, caller, after, limit)


@router.get(
    "/{project}",
    summary="See what a project is made from",
    response_model=ProjectBody,
    responses={304: {"description": "It is still at the version of If-None-Match."}},
)
def show_project(project: Read, response: Response, known: IfNoneMatch = None) -> ProjectBody | Response:
    """Its definition and version; the version is the ETag."""
    body = project_body(project.store.project(project.name))
    headers = {"ETag": etag(body.version)}
    if is_known(known, body.version):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return body


@router.patch("/{project}", summary="Change a project", openapi_extra=body_of(ProjectChange, _CHANGES))
async def change_project(
    project: str,
    request: Request,
    response: Response,
    services: Opened,
    caller: Admin,
    match: IfMatch = None,
) -> ProjectBody:
    """What is left out stays, null goes back to the default. Send the ETag that you have seen as If-Match."""
    body = await read_body(request, ProjectChange)
    changed = await run_in_threadpool(verbs.change_project, services, caller, project, body, match)
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.delete("/{project}", status_code=204, summary="Delete a project with its labels")
def delete_project(project: str, services: Opened, caller: Admin, match: IfMatch = None) -> None:
    """Nothing of it is left but its log. Send the ETag that you have seen as If-Match."""
    verbs.delete_project(services, caller, project, match)


@router.get("/{project}/status", summary="See how a project stands")
def show_status(project: Read) -> StatusBody:
    """Labels, budget, what waits, agreement, and the last round."""
    return status_body(project.status())
