"""Several processes on one store: nothing is lost, nothing is done twice, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from alaas.jobs import DurableJobs, Job
from alaas.stores import open_store
from alaas.testing.jobs import wait_for
from postgresql import cluster

WORKER = Path(__file__).with_name("worker.py")
PATIENCE = 60.0
"""Seconds: a process begins in one on an idle machine, and tests run side by side."""


class Place:
    """A store with the processes that work on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.journal = url, folder / "journal"
        self.journal.touch()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.store = open_store(url)
        self.table = self.store.jobs
        self.jobs = DurableJobs(
            dict.fromkeys(("once", "hang", "note"), lambda *_: ""), self.table, workers=0, max_waiting=1000
        )

    def work(self, *, lease: float = 60, workers: int = 1) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(WORKER), self.url, str(lease), str(workers), str(self.journal)]
        self.processes.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ)
        )
        return self.processes[-1]

    def lines(self, word: str) -> list[list[str]]:
        lines = [line.split() for line in self.journal.read_text().splitlines()]
        return [line[1:] for line in lines if line[0] == word]

    def ended(self, job_id: str) -> Job:
        return wait_for(self.jobs, job_id, patience=PATIENCE)

    def wait_for_lines(self, word: str, count: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.lines(word)) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.lines(word)) >= count

    def states(self, job_id: str) -> list[str]:
        return [event.job.state for event in self.jobs.events(job_id) if event.kind == "state"]

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
        self.jobs.close()
        self.store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external)])
def place(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/alaas.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    opened = Place(url, tmp_path)
    yield opened
    opened.close()


def test_a_job_whose_worker_is_killed_is_done_by_another_at_once(place):
    first = place.work()
    job_id = place.jobs.submit("once", "60").id
    place.wait_for_lines("begun", 1)
    second = place.work()
    first.send_signal(signal.SIGKILL)
    began = time.monotonic()
    assert place.ended(job_id).state == "succeeded"
    assert time.monotonic() - began < 30  # the lease is a minute: the process was seen to be gone
    assert place.jobs.result(job_id) == "2"
    assert place.states(job_id) == ["queued", "running", "queued", "running", "succeeded"]
    assert place.lines("ended") == [[job_id, "2", str(second.pid)]]


@pytest.mark.slow
def test_a_worker_that_was_silent_too_long_cannot_end_its_job(place):
    first = place.work(lease=2)
    job_id = place.jobs.submit("once", "0.5").id
    place.wait_for_lines("begun", 1)
    first.send_signal(signal.SIGSTOP)
    place.work(lease=2)
    assert place.ended(job_id).state == "succeeded"
    first.send_signal(signal.SIGCONT)
    place.wait_for_lines("ended", 2)  # the first one's handler ends, too, and says so in vain
    first.communicate()
    assert place.jobs.result(job_id) == "2"
    assert place.states(job_id).count("succeeded") == 1


@pytest.mark.slow
def test_hundreds_of_jobs_are_done_once_each(place):
    ids = [place.jobs.submit("note", str(number), group=f"g{number % 7}").id for number in range(200)]
    for _ in range(2):
        place.work(workers=2)
    for number, job_id in enumerate(ids):
        assert place.ended(job_id).state == "succeeded"
        assert place.jobs.result(job_id) == str(number)
    begun = place.lines("begun")
    assert Counter(job_id for job_id, _, _ in begun) == Counter(ids)
    assert {attempt for _, attempt, _ in begun} == {"1"}


def test_a_job_is_cancelled_from_another_process(place):
    place.work()
    job_id = place.jobs.submit("hang", "{}").id
    place.wait_for_lines("begun", 1)
    began = time.monotonic()
    assert place.jobs.cancel(job_id).state == "running"
    assert place.ended(job_id).state == "cancelled"
    assert time.monotonic() - began < 3  # one second is promised on a machine that is idle


def test_a_process_that_stops_hands_its_job_back(place):
    first = place.work()
    job_id = place.jobs.submit("hang", "{}").id
    place.wait_for_lines("begun", 1)
    first.communicate()
    job = place.jobs.get(job_id)
    assert (job.state, job.attempt) == ("queued", 1)
    assert place.table.get(job_id).lost == 0
    place.work()
    place.wait_for_lines("begun", 2)
    assert place.jobs.get(job_id).attempt == 2


@pytest.mark.slow
@pytest.mark.external
def test_work_goes_on_when_a_database_that_crashed_is_back(tmp_path):
    with cluster(durable=True) as server:
        place = Place(server.store(), tmp_path)
        try:
            place.work(lease=2)
            job_id = place.jobs.submit("once", "4").id
            place.wait_for_lines("begun", 1)
            server.kill()
            until(lambda: place.jobs.trouble() is not None)
            place.wait_for_lines("ended", 1)  # while nobody can write that down
            server.start()
            assert place.ended(job_id).state == "succeeded"
            assert place.jobs.result(job_id) == "1"
            until(lambda: place.jobs.trouble() is None)
            assert place.ended(place.jobs.submit("note", "2").id).state == "succeeded"
        finally:
            place.close()


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()
