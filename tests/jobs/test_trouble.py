"""Jobs while the store is away, and while the clock jumps."""

from __future__ import annotations

import threading
import time

import pytest

from alaas.errors import CancelledError, StoreError
from alaas.jobs import DurableJobs
from alaas.jobs._reaper import Reaper
from alaas.jobs._worker_name import is_gone, worker_name
from alaas.stores import NewJob
from alaas.stores._memory_jobs import MemoryJobTable
from alaas.testing.jobs import HANDLERS, wait_for

LEASE = 0.5


class AwayTable(MemoryJobTable):
    """A table in memory that cannot be reached while ``away`` is set."""

    def __init__(self, now=time.time):
        super().__init__(now)
        self.away = threading.Event()
        self.refuses_results = False

    def _reach(self):
        if self.away.is_set():
            raise StoreError("the store is away")

    def claim(self, *arguments):
        self._reach()
        return super().claim(*arguments)

    def beat(self, *arguments, **named):
        self._reach()
        return super().beat(*arguments, **named)

    def running(self):
        self._reach()
        return super().running()

    def finish(self, *arguments, **named):
        self._reach()
        if self.refuses_results and named["result"] is not None:
            raise StoreError("too large")
        return super().finish(*arguments, **named)


@pytest.fixture
def table():
    return AwayTable()


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def states(jobs, job_id):
    return [event.job.state for event in jobs.events(job_id) if event.kind == "state"]


def test_work_goes_on_when_the_store_is_back(table):
    with DurableJobs(HANDLERS, table, lease=LEASE) as jobs:
        table.away.set()
        until(lambda: jobs.trouble() is not None)
        assert jobs.trouble() == "the store is away"
        job_id = jobs.submit("echo", "1").id
        time.sleep(0.3)
        assert jobs.get(job_id).state == "queued"
        table.away.clear()
        assert wait_for(jobs, job_id).state == "succeeded"
        until(lambda: jobs.trouble() is None)


def test_a_job_survives_that_the_store_is_away_for_longer_than_its_lease(table):
    go_on = threading.Event()

    def patient(request, run):
        while not go_on.wait(0.01):
            if run.cancel.is_set():
                raise CancelledError("stopped")
        return request

    with DurableJobs({"patient": patient}, table, lease=LEASE) as jobs:
        job_id = jobs.submit("patient", "1").id
        wait_for(jobs, job_id, "running")
        table.away.set()
        time.sleep(3 * LEASE)
        go_on.set()  # it ends while nobody can write that down
        time.sleep(0.2)
        assert jobs.get(job_id).state == "running"
        table.away.clear()
        assert wait_for(jobs, job_id).state == "succeeded"
        assert states(jobs, job_id) == ["queued", "running", "succeeded"]


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_clock_that_jumps_takes_no_job_from_its_worker(jump):
    offset = [0.0]
    table = MemoryJobTable(lambda: time.time() + offset[0])
    with DurableJobs(HANDLERS, table, workers=2, lease=LEASE) as jobs:
        held = jobs.submit("hold", "{}").id
        wait_for(jobs, held, "running")
        late = jobs.submit("echo", "late", delay=0.2).id
        offset[0] = jump
        assert wait_for(jobs, jobs.submit("echo", "1").id).state == "succeeded"
        assert wait_for(jobs, late).state == "succeeded"
        time.sleep(2 * LEASE)
        assert (jobs.get(held).state, jobs.get(held).attempt) == ("running", 1)


def test_a_result_that_the_store_refuses_fails_the_job_and_frees_the_worker(table):
    table.refuses_results = True
    with DurableJobs(HANDLERS, table, lease=LEASE) as jobs:
        job = wait_for(jobs, jobs.submit("echo", "1").id)
        assert job.failure is not None
        assert (job.state, job.failure.code) == ("failed", "store")
        table.refuses_results = False
        assert wait_for(jobs, jobs.submit("echo", "2").id).state == "succeeded"


def test_a_handler_learns_that_it_has_lost_its_job(table):
    stopped = threading.Event()

    def watch(request, run):
        if run.attempt > 1:
            return "second"
        assert run.cancel.wait(5)
        stopped.set()
        return "first"

    with DurableJobs({"watch": watch}, table, workers=2, lease=60) as jobs:
        job_id = jobs.submit("watch", "{}").id
        wait_for(jobs, job_id, "running")
        row = table.get(job_id)
        assert table.reclaim(job_id, row.attempt, row.beat, attempts=5) is not None
        assert stopped.wait(5)
        wait_for(jobs, job_id)
        assert jobs.result(job_id) == "second"


def test_a_job_that_nobody_works_on_is_taken_back(table):
    # Claimed, and then the answer was lost on the way to the worker.
    table.add(NewJob(id="a", kind="echo", request="1"), digest="", most=None)
    with DurableJobs(HANDLERS, table, workers=0, lease=LEASE) as jobs:
        assert table.claim(jobs.worker, ("echo",)) is not None
        until(lambda: jobs.get("a").state == "queued")


def test_a_reaper_counts_only_the_time_in_which_it_looked(table, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    table.add(NewJob(id="a", kind="echo", request="1"), digest="", most=None)
    table.claim("somebody", ("echo",))
    reaper = Reaper(table, lease=10, attempts=5, interval=1)
    assert reaper.look() == []
    now[0] += 3600  # the store was away, or this process slept
    assert reaper.look() == []
    for _ in range(7):
        now[0] += 1
        assert reaper.look() == []
    now[0] += 1
    assert [row.state for row in reaper.look()] == ["queued"]


def test_a_worker_is_gone_only_if_its_process_certainly_is():
    mine = worker_name()
    host, boot, pid, start, random = mine.split(":")
    assert not is_gone(mine)
    assert is_gone(f"{host}:{boot}:{pid}:1:{random}")  # its number was given to another process
    assert is_gone(f"{host}:{boot}:4194305:{start}:{random}")  # above every number that Linux gives
    assert not is_gone(f"elsewhere:{boot}:4194305:{start}:{random}")
    assert not is_gone(f"{host}:another:4194305:{start}:{random}")
    assert not is_gone(f"{host}:-:4194305:-:{random}")
    assert not is_gone("a name of somebody's own")
    assert worker_name() != mine
