"""Who may look at a job, and who may stop it."""

from __future__ import annotations

from alaas.access import Caller
from alaas.jobs import Job
from alaas.stores import Role

_OF_PROJECTS = frozenset({"ask", "retrain", "import", "export"})
"""What stands before the colon in the group of a project's jobs."""


def check_job(caller: Caller, job: Job, role: Role) -> None:
    """Return if the caller has that role where the job belongs: in its project, or everywhere.

    Raises:
        AccessError: they have not.
    """
    project = project_of(job)
    caller.require(role, project, everywhere=project is None)


def sees_job(caller: Caller, job: Job) -> bool:
    """Whether the caller may look at the job."""
    project = project_of(job)
    return caller.may("reader", project, everywhere=project is None)


def project_of(job: Job) -> str | None:
    """The project that a job belongs to; None for a selection or a webhook, which belong to all."""
    kind, _, project = (job.group or "").partition(":")
    return project if kind in _OF_PROJECTS and project else None
