"""Looking at jobs."""

from __future__ import annotations

from alaas.access import Caller
from alaas.jobs import Job
from alaas.protocol import JobList
from alaas.server.job_access import check_job, sees_job
from alaas.server.replies import job_body
from alaas.server.services import Services
from alaas.stores import Role

MOST = 1000
"""Jobs in one list."""


def job_for(services: Services, caller: Caller, job_id: str, role: Role) -> Job:
    """The job, for a caller who has that role where it belongs.

    Raises:
        JobNotFoundError: there is no such job.
        AccessError: it is not the caller's to see or to stop.
    """
    job = services.jobs.get(job_id)
    check_job(caller, job, role)
    return job


def list_jobs(services: Services, caller: Caller, limit: int) -> JobList:
    """The newest jobs that the caller may see."""
    found = services.jobs.recent(limit if caller.projects is None else MOST)
    return JobList(jobs=[job_body(job) for job in found if sees_job(caller, job)][:limit])
