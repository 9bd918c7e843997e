"""The project that a path names, and who acts on it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Header

from alaas.access import Caller
from alaas.projects import Project
from alaas.protocol import ImportWork, JobBody
from alaas.server.gate import Needs
from alaas.server.replies import job_body
from alaas.server.services import Opened, Services

IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Sending the same request again with the same key gives the same job.",
    ),
]


READER = Needs("reader", project="project")
ANNOTATOR = Needs("annotator", project="project")
ADMIN = Needs("admin", project="project")

Reader: TypeAlias = Annotated[Caller, Depends(READER)]
Annotator: TypeAlias = Annotated[Caller, Depends(ANNOTATOR)]
Admin: TypeAlias = Annotated[Caller, Depends(ADMIN)]
"""Who calls, with at least that role in the project of the path."""


def _for_reader(project: str, services: Opened, _caller: Reader) -> Project:
    return services.projects.open(project)


def _for_annotator(project: str, services: Opened, _caller: Annotator) -> Project:
    return services.projects.open(project)


def _for_admin(project: str, services: Opened, _caller: Admin) -> Project:
    return services.projects.open(project)


# Who may not look is told so before anybody finds out whether there is such a project.
Read: TypeAlias = Annotated[Project, Depends(_for_reader)]
Labelled: TypeAlias = Annotated[Project, Depends(_for_annotator)]
Administered: TypeAlias = Annotated[Project, Depends(_for_admin)]
"""The project of the path, for callers who may read it, label in it or administer it."""


def queue_import(services: Services, work: ImportWork, *, caller: Caller, key: str | None) -> JobBody:
    """Queue the reading of a source."""
    # What was not said must not be taken for said: a column that is named has to be there.
    document = work.model_dump_json(exclude_unset=True)
    return queue(services, "import", document, project=work.project, caller=caller, key=key)


def queue(
    services: Services,
    kind: str,
    document: str,
    *,
    project: str,
    caller: Caller,
    key: str | None = None,
) -> JobBody:
    """Queue a job of a project; of one kind and project, one runs at a time.

    The idempotency key is the caller's own.
    """
    job = services.jobs.submit(kind, document, idempotency_key=caller.own(key), group=f"{kind}:{project}")
    return job_body(job)
