"""The project that a path names, and who acts on it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Header

from alaas.projects import Project
from alaas.protocol import JobBody
from alaas.server.replies import job_body
from alaas.server.services import Opened, Services

ANYONE = "me"
"""Who acts where nobody has to say who they are."""

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
