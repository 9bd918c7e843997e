"""``/v1/projects``: making, changing and deleting projects, and how they stand."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from alaas.access import Caller
from alaas.errors import ProjectNotFoundError
from alaas.projects import project_body, status_body
from alaas.protocol import (
    ImportWork,
    ProjectBody,
    ProjectChange,
    ProjectDefinition,
    ProjectPage,
    StatusBody,
)
from alaas.server.body import read_body
from alaas.server.definitions import check_definition, definition_of, sources_of
from alaas.server.gate import Needs
from alaas.server.openapi import body_of
from alaas.server.opened import Admin, Read, queue_import
from alaas.server.paging import After, Limit, cut
from alaas.server.services import Opened
from alaas.server.versions import IfMatch, IfNoneMatch, check_match, etag, is_known
from alaas.stores import ProjectRow, Store

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
    caller.require("admin", body.name)

    def create() -> ProjectBody:
        check_definition(body, services.config)
        made = services.projects.create(definition_of(body), actor=caller.name, key=caller.own(key))
        imports = [
            queue_import(
                services,
                ImportWork(project=made.name, source=source, role=role, actor=caller.name),
                caller=caller,
                key=None if key is None else f"{key} {role}",
            ).id
            for source, role in sources_of(body)
        ]
        return project_body(made.store.project(made.name)).model_copy(update={"imports": imports})

    project = await run_in_threadpool(create)
    response.headers["Location"] = f"/v1/projects/{project.name}"
    response.headers["ETag"] = etag(project.version)
    return project


@router.get("", summary="List the projects")
def list_projects(
    services: Opened, caller: AnyReader, after: After = None, limit: Limit = 100
) -> ProjectPage:
    """In the order of their names. A key for some projects sees those."""
    rows, more = cut(_rows(services.store, caller, after or "", limit + 1), limit, lambda row: row.name)
    return ProjectPage(projects=[project_body(row) for row in rows], next=more)


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

    def change() -> ProjectBody:
        check_definition(body, services.config)
        current = services.store.project(project).version
        check_match(match, current)
        row = services.projects.change(project, definition_of(body), version=current, actor=caller.name)
        return project_body(row)

    changed = await run_in_threadpool(change)
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.delete("/{project}", status_code=204, summary="Delete a project with its labels")
def delete_project(project: str, services: Opened, caller: Admin, match: IfMatch = None) -> None:
    """Nothing of it is left but its log. Send the ETag that you have seen as If-Match."""
    check_match(match, services.store.project(project).version)
    services.projects.delete(project, actor=caller.name)


@router.get("/{project}/status", summary="See how a project stands")
def show_status(project: Read) -> StatusBody:
    """Labels, budget, what waits, agreement, and the last round."""
    return status_body(project.status())


def _rows(store: Store, caller: Caller, after: str, limit: int) -> list[ProjectRow]:
    if caller.projects is None:
        return store.projects(after=after, limit=limit)
    rows: list[ProjectRow] = []
    for name in sorted(name for name in caller.projects if name > after):
        with suppress(ProjectNotFoundError):  # a key may be made before its project
            rows.append(store.project(name))
        if len(rows) == limit:
            break
    return rows
