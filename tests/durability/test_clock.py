"""The clock of the machine is set back an hour while a server works: nothing is handed out twice or lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import until

from alaas import Client
from alaas.config import Config
from alaas.errors import ServerError
from alaas.server import Server

LEASE = 600.0
HOUR = 3600.0


class MachineClock:
    """The time of day, which can be set; time that merely passes is not its business."""

    def __init__(self) -> None:
        self._real = time.time
        self.offset = 0.0

    def __call__(self) -> float:
        return self._real() + self.offset


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MachineClock:
    found = MachineClock()
    monkeypatch.setattr(time, "time", found)
    return found


@pytest.fixture
def client(tmp_path: Path, clock: MachineClock) -> Iterator[Client]:
    said = {
        "server": {"port": 0, "jobs": 2},
        "store": f"sqlite:///{tmp_path}/alaas.db",
        "cache": {"directory": str(tmp_path / "cache")},
    }
    with Server(Config.model_validate(said)) as server, Client(server.url, timeout=30) as client:
        client.create_project(
            {
                "name": "trees",
                "modality": "table",
                "model": "passthrough",
                "strategy": "margin",
                "task": {"classes": ["ash", "beech"]},
                "labelling": {"lease": LEASE},
            }
        )
        rows = [{"id": f"t{n}", "row": {"height": n, "girth": n % 2}} for n in range(40)]
        client.project("trees").add(items=rows)
        yield client


def told(project, batch) -> list[str]:
    answers = {item: ("ash", "beech")[int(item[1:]) % 2] for item in batch.ids}
    return [
        receipt.outcome for receipt in project.tell(batch.id, answers, annotator=batch.annotator).receipts
    ]


def test_leases_hold_and_jobs_go_on_when_the_clock_is_set_back(client: Client, clock: MachineClock) -> None:
    project = client.project("trees")
    before = project.ask(8, annotator="ada")
    clock.offset = -HOUR
    after = [project.ask(8, annotator=name, timeout=20) for name in ("ben", "cleo")]
    handed = Counter(item for batch in (before, *after) for item in batch.ids)
    assert set(handed.values()) == {1}
    assert {item.state for item in project.batch(before.id).items} == {"open"}
    for batch in (before, *after):
        assert told(project, batch) == ["kept"] * 8
    assert project.retrain(timeout=20).labels == 24
    until(lambda: all(job.finished for job in client.jobs()))
    assert {job.state for job in client.jobs()} == {"succeeded"}


def test_leases_end_when_the_clock_is_set_forward_and_not_before(client: Client, clock: MachineClock) -> None:
    project = client.project("trees")
    batch = project.ask(40, annotator="ada")
    clock.offset = -HOUR
    with pytest.raises(ServerError) as refused:
        project.ask(1, annotator="ben", timeout=20)
    assert refused.value.remote_code == "nothing-left"
    clock.offset = LEASE + 60.0
    assert {item.state for item in project.batch(batch.id).items} == {"expired"}
    assert len(project.ask(5, annotator="ben", timeout=20).items) == 5
