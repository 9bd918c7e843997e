"""/readyz says why no work is taken, soon, and without wearing out what it looks at."""

from __future__ import annotations

import shutil
import threading
import time
from collections import namedtuple

import pytest

from alaas.errors import StoreError
from alaas.server.telemetry import readiness as room
from alaas.server.telemetry.readiness import Readiness
from alaas.stores.memory import Memory


class Jobs:
    said: str | None = None

    def trouble(self) -> str | None:
        return self.said


class Fixture:
    def __init__(self, tmp_path, monkeypatch) -> None:
        self.now = 0.0
        self.checks = 0
        self.trouble: Exception | None = None
        self.hangs: threading.Event | None = None
        self.jobs = Jobs()
        self.stopping = threading.Event()
        store = Memory()
        monkeypatch.setattr(store, "check", self.check)
        self.readiness = Readiness(
            store, self.jobs, [tmp_path / "not" / "there"], self.stopping, clock=lambda: self.now
        )

    def check(self) -> None:
        self.checks += 1
        if self.hangs is not None:
            self.hangs.wait(10)
        if self.trouble is not None:
            raise self.trouble

    def reasons(self) -> list[str]:
        self.now += 2
        return self.readiness.reasons()


@pytest.fixture
def fixture(tmp_path, monkeypatch) -> Fixture:
    return Fixture(tmp_path, monkeypatch)


def test_there_is_no_reason_while_all_is_well(fixture):
    assert fixture.reasons() == []
    assert fixture.readiness.is_ready()


def test_a_store_that_is_away_is_a_reason_until_it_is_back(fixture):
    fixture.trouble = StoreError("the database does not answer")
    assert fixture.reasons() == ["store: the database does not answer"]
    fixture.trouble = ZeroDivisionError()
    assert fixture.reasons() == ["store: it broke: ZeroDivisionError"]
    fixture.trouble = None
    assert fixture.reasons() == []


def test_a_look_is_good_for_a_second(fixture):
    for _ in range(100):
        fixture.readiness.reasons()
    assert fixture.checks == 1
    fixture.now += 1.1
    fixture.readiness.reasons()
    assert fixture.checks == 2


def test_a_store_that_hangs_does_not_hang_who_asks(fixture, monkeypatch):
    monkeypatch.setattr(room, "_PATIENCE", 0.1)
    fixture.hangs = threading.Event()
    began = time.monotonic()
    assert "has not answered" in fixture.reasons()[0]
    assert "has not answered" in fixture.reasons()[0]
    assert time.monotonic() - began < 1
    assert fixture.checks == 1  # nobody asks again behind one who waits
    fixture.hangs.set()
    fixture.hangs = None
    assert fixture.reasons() == []


def test_jobs_that_are_not_worked_on_are_a_reason(fixture):
    fixture.jobs.said = "the store is away"
    assert fixture.reasons() == ["jobs: the store is away"]


def test_a_full_disk_is_a_reason(fixture, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(10**12, 10**12 - 10**6, 10**6))
    found = fixture.reasons()
    assert found
    assert all("1 MB free" in reason for reason in found)


def test_stopping_is_told_at_once(fixture):
    assert fixture.readiness.reasons() == []
    fixture.stopping.set()
    assert fixture.readiness.reasons() == ["the server is stopping"]


def test_the_route_answers_503_with_the_reasons(http, server, monkeypatch):
    monkeypatch.setattr(type(server._listener._services.jobs), "trouble", lambda _self: "nobody works")
    time.sleep(1.1)
    answer = http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "trouble"
    assert answer.json()["reasons"] == ["jobs: nobody works"]
    assert http.get("/healthz").status_code == 200
