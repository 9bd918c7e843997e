"""Whoever watches jobs sees them come and go, and changes nothing."""

from __future__ import annotations

import time

from alaas.jobs import DurableJobs, Job, JobWatch
from alaas.stores._memory_jobs import MemoryJobTable
from alaas.testing.jobs import HANDLERS, wait_for


class Diary(JobWatch):
    def __init__(self, trouble: Exception | None = None) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.trouble = trouble

    def _write(self, what: str, job: Job) -> None:
        self.seen.append((what, job.state, job.attempt))
        if self.trouble is not None:
            raise self.trouble

    def queued(self, job: Job) -> None:
        self._write("queued", job)

    def begun(self, job: Job) -> None:
        self._write("begun", job)

    def left(self, job: Job) -> None:
        self._write("left", job)


def test_a_watch_sees_each_attempt_begin_and_end():
    diary = Diary()
    with DurableJobs(HANDLERS, MemoryJobTable(time.time), watch=diary) as jobs:
        wait_for(jobs, jobs.submit("echo", "1").id)
    assert sorted(diary.seen) == [("begun", "running", 1), ("left", "succeeded", 1), ("queued", "queued", 0)]


def test_a_watch_that_breaks_changes_nothing(caplog):
    diary = Diary(trouble=ZeroDivisionError("in the watch"))
    with DurableJobs(HANDLERS, MemoryJobTable(time.time), watch=diary) as jobs:
        assert wait_for(jobs, jobs.submit("echo", "1").id).state == "succeeded"
    assert len(diary.seen) == 3
    assert "in the watch" in caplog.text
