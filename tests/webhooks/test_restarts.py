"""Deliveries outlive the process that makes them."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from alaas.stores import open_store
from receivers import wait_until

from .conftest import telling

pytestmark = [pytest.mark.external]

PROGRAM = """
import sys
from alaas.config import EgressSettings, WebhookSettings
from alaas.jobs import DurableJobs
from alaas.stores import open_store
from alaas.webhooks import Patience, Webhooks

url, receiver, secret = sys.argv[1:]
store = open_store(url)
webhooks = Webhooks(
    [WebhookSettings(url=receiver, secret=secret)],
    store,
    EgressSettings(),
    lambda handlers, workers: DurableJobs(handlers, store.jobs, workers=workers),
    patience=Patience(first=0.05, most=0.1, look=0.02, write=0.1),
)
while not store.jobs.running():
    pass
for number in range(1000):
    store.create_project(f"project-{number:04}", "{}", actor="ann")
    print(number, flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'alaas.db'}"
    return request.getfixturevalue("postgresql").store()


def test_after_a_kill_every_committed_change_is_told_in_order(url, receiving):
    receiver = receiving(500, 200)
    command = [sys.executable, "-c", PROGRAM, url, receiver.url, receiver.settings().secret]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        last = next(int(line) for line in running.stdout if int(line) >= 20)
        running.kill()
    with open_store(url) as store, telling(store, receiver.settings()):
        expected = [row.name for row in store.projects(limit=1000)]
        assert len(expected) > last
        wait_until(lambda: receiver.told and receiver.told[-1]["data"]["project"] == expected[-1], 20)
    names = [event["data"]["project"] for event in receiver.told]
    assert list(dict.fromkeys(names)) == expected  # some are told twice; the first times are in order
    ids = {}
    for name, delivery in zip(names, receiver.ids, strict=True):
        assert ids.setdefault(name, delivery) == delivery


def test_changes_that_commit_at_once_are_all_told(url, receiving):
    """On PostgreSQL a lower number of the log may be committed after a higher one."""
    receiver = receiving()
    with open_store(url) as store, telling(store, receiver.settings()):

        def create(thread: int) -> None:
            for number in range(25):
                store.create_project(f"project-{thread}-{number:02}", "{}", actor="ann")

        threads = [threading.Thread(target=create, args=(thread,)) for thread in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: len(receiver.got) >= 200, 30)
        assert {event["data"]["project"] for event in receiver.told} == {
            row.name for row in store.projects(limit=1000)
        }
    assert len(set(receiver.ids)) == 200
