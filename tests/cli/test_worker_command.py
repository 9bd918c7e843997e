"""The command that works on jobs without listening."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from alaas.jobs import DurableJobs
from alaas.stores import open_store
from alaas.testing.jobs import wait_for


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/alaas.db"


@pytest.fixture
def jobs(url):
    """The jobs of the store, only to be queued here."""
    with open_store(url) as store, DurableJobs({"select": lambda *_: ""}, store.jobs, workers=0) as opened:
        yield opened


@pytest.fixture
def worker(url, tmp_path, jobs):
    command = [
        sys.executable,
        "-m",
        "alaas",
        "worker",
        "--set",
        f"store.url={url}",
        "--set",
        "log.level=warning",
    ]
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "ALAAS_SERVER_JOBS": "0", "ALAAS_EGRESS_ALLOW": "127.0.0.1"},
    )
    try:
        assert running.stdout.readline() == "ALaaS works on 1 job at a time\n", running.stderr.read()
        yield running
    finally:
        running.kill()
        running.communicate()


def test_a_worker_does_what_others_have_queued(jobs, worker):
    items = [{"id": f"t{number}", "text": f"text {number}"} for number in range(5)]
    request = {"items": items, "budget": 2, "strategy": {"name": "random"}, "seed": 1}
    job_id = jobs.submit("select", json.dumps(request)).id
    assert wait_for(jobs, job_id).state == "succeeded"
    assert len(json.loads(jobs.result(job_id))["selected"]) == 2


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_hands_its_job_back_and_leaves(jobs, worker, stop):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/1.png"
        request = {"items": [{"uri": address}], "budget": 1, "strategy": {"name": "random"}}
        job_id = jobs.submit("select", json.dumps(request)).id
        wait_for(jobs, job_id, "running")
        time.sleep(0.5)
        worker.send_signal(stop)
        began = time.monotonic()
        assert worker.wait(timeout=10) == 0
        assert time.monotonic() - began < 5  # two seconds are promised on a machine that is idle
        assert "error" not in worker.stderr.read()
        assert jobs.get(job_id).state == "queued"


def test_a_worker_needs_a_store_that_others_share(run):
    ended = run("worker", "--set", "store.url=memory:")
    assert ended.code == 2
    assert "set store.url to sqlite:///PATH" in ended.err
