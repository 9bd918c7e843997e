"""The project that a path names, and who acts on it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request

from alaas.projects import ME, Project
from alaas.protocol import JobBody
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


def _project(project: str, services: Opened) -> Project:
    return services.projects.open(project)


Named: TypeAlias = Annotated[Project, Depends(_project)]
"""A route's parameter that holds the project of the path; an unknown one is answered with 404."""


def _actor(request: Request) -> str:
    caller = getattr(request.state, "caller", None)
    return ME if caller is None else str(caller.name)


Actor: TypeAlias = Annotated[str, Depends(_actor)]
"""A route's parameter that holds who acts, for the log; ``me`` where nobody has to show who they are."""


def queue(
    services: Services,
    kind: str,
    document: str,
    *,
    project: str,
    key: str | None = None,
    unique: bool = False,
) -> JobBody:
    """Queue a job of a project; of one kind and project, one runs at a time."""
    job = services.jobs.submit(kind, document, idempotency_key=key, group=f"{kind}:{project}", unique=unique)
    return job_body(job)
