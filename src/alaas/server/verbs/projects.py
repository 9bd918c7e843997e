"""Making, changing and listing projects."""

from __future__ import annotations

from contextlib import suppress

from alaas.access import Caller
from alaas.errors import ProjectNotFoundError
from alaas.projects import project_body
from alaas.protocol import ImportWork, ProjectBody, ProjectChange, ProjectDefinition, ProjectPage
from alaas.server.definitions import check_definition, definition_of, sources_of
from alaas.server.opened import queue_import
from alaas.server.paging import cut
from alaas.server.services import Services
from alaas.server.versions import check_match
from alaas.stores import ProjectRow, Store


def create_project(
    services: Services, caller: Caller, body: ProjectDefinition, key: str | None
) -> ProjectBody:
    """Make a project and queue the reading of its sources.

    Raises:
        AccessError: the caller's key is not good for a project of that name.
        ProjectConflictError: the name is taken.
        UsageError: the definition cannot be followed.
    """
    caller.require("admin", body.name)
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


def list_projects(services: Services, caller: Caller, after: str | None, limit: int) -> ProjectPage:
    """A page of the projects that the caller may see, in the order of their names."""
    rows, more = cut(_rows(services.store, caller, after or "", limit + 1), limit, lambda row: row.name)
    return ProjectPage(projects=[project_body(row) for row in rows], next=more)


def change_project(
    services: Services, caller: Caller, project: str, body: ProjectChange, match: str | None
) -> ProjectBody:
    """Change a project that is still at the version of ``match``.

    Raises:
        HTTPException: 428, no version was sent.
        VersionError: it is at another version.
        UsageError: the change cannot be followed.
    """
    check_definition(body, services.config)
    current = services.store.project(project).version
    check_match(match, current)
    row = services.projects.change(project, definition_of(body), version=current, actor=caller.name)
    return project_body(row)


def delete_project(services: Services, caller: Caller, project: str, match: str | None) -> None:
    """Delete a project that is still at the version of ``match``; see ``change_project``."""
    check_match(match, services.store.project(project).version)
    services.projects.delete(project, actor=caller.name)


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
