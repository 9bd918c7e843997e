"""Jobs: pieces of server work with states, progress and results. Made durable behind the same contract."""

from alaas.jobs._base import Handler, Job, JobEvent, JobFailure, JobProgress, JobRun, Jobs
from alaas.jobs.memory import MemoryJobs

__all__ = ["Handler", "Job", "JobEvent", "JobFailure", "JobProgress", "JobRun", "Jobs", "MemoryJobs"]
