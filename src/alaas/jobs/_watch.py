"""What somebody may want to see of jobs."""

from __future__ import annotations

from alaas.jobs._base import Job


class JobWatch:
    """Is told what happens to jobs in this process; does nothing with it. Called from many threads at once.

    A subclass overrides what it wants to see. What it raises is logged and changes nothing.
    """

    def queued(self, job: Job) -> None:
        """Somebody asked for a job here; it may be one that was there already."""

    def begun(self, job: Job) -> None:
        """An attempt begins here."""

    def left(self, job: Job) -> None:
        """An attempt is over here; the job as it is now: it has ended, or waits for the next attempt."""
