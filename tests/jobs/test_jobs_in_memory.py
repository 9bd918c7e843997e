"""Jobs on the table in memory: the contract, and what is kept for how long."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from alaas.errors import JobConflictError, JobNotFoundError, QueueFullError
from alaas.jobs import DurableJobs, Handler, Jobs
from alaas.stores._memory_jobs import MemoryJobTable
from alaas.testing.jobs import HANDLERS, JobsSuite, wait_for


def open_jobs(handlers, **arguments):
    return DurableJobs(handlers, MemoryJobTable(time.time), **arguments)


def until(condition):
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


class TestJobsInMemory(JobsSuite):
    def make(self, handlers: Mapping[str, Handler], *, workers: int, max_waiting: int) -> Jobs:
        return open_jobs(handlers, workers=workers, max_waiting=max_waiting)


def test_only_so_many_finished_jobs_are_kept():
    with open_jobs(HANDLERS, keep=2) as jobs:
        ids = []
        for number in range(5):
            ids.append(jobs.submit("echo", str(number), idempotency_key=f"key-{number}").id)
            wait_for(jobs, ids[-1])
        until(lambda: [job.id for job in jobs.recent()] == ids[:2:-1])
        with pytest.raises(JobNotFoundError, match=ids[0]):
            jobs.result(ids[0])
        assert jobs.submit("echo", "other", idempotency_key="key-0").id not in ids


def test_a_running_job_is_never_forgotten():
    with open_jobs(HANDLERS, workers=2, keep=0) as jobs:
        running = jobs.submit("hold", "{}").id
        wait_for(jobs, running, "running")
        ended = jobs.submit("echo", "1").id
        until(lambda: ended not in [job.id for job in jobs.recent()])
        assert jobs.get(running).state == "running"


def test_finished_jobs_are_kept_for_so_long():
    with open_jobs(HANDLERS, keep_seconds=0.2) as jobs:
        job_id = jobs.submit("echo", "1").id
        wait_for(jobs, job_id)
        until(lambda: jobs.recent() == [])
        with pytest.raises(JobNotFoundError):
            jobs.get(job_id)


def test_waiting_requests_are_bounded_in_bytes():
    with open_jobs(HANDLERS, max_waiting_bytes=100) as jobs:
        wait_for(jobs, jobs.submit("hold", "{}").id, "running")
        jobs.submit("echo", "x" * 150)  # one alone is always taken
        with pytest.raises(QueueFullError, match="150 bytes"):
            jobs.submit("echo", "x")


def test_the_message_for_a_missing_result_says_how_the_job_stands():
    with open_jobs(HANDLERS) as jobs:
        wait_for(jobs, jobs.submit("hold", "{}").id, "running")
        waiting = jobs.submit("echo", "1").id
        with pytest.raises(JobConflictError, match="queued and has no result yet"):
            jobs.result(waiting)
