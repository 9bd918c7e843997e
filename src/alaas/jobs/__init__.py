"""Jobs: pieces of server work with states, progress and results that survive the process that does them."""

from alaas.jobs._base import Handler, Job, JobEvent, JobFailure, JobProgress, JobRun, Jobs
from alaas.jobs._watch import JobWatch
from alaas.jobs.durable import DurableJobs

__all__ = [
    "DurableJobs",
    "Handler",
    "Job",
    "JobEvent",
    "JobFailure",
    "JobProgress",
    "JobRun",
    "JobWatch",
    "Jobs",
]
