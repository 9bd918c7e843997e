"""Learners follow labels, whatever happens between the label and the job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from alaas.config import Config
from alaas.errors import QueueFullError
from alaas.server import create_app
from alaas.server.following import DELAY, Following
from alaas.server.services import Services, open_services
from alaas.types import Item
from rows import definition, labels, rows


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """A server without workers: what is queued stays queued."""
    settings = {"server": {"jobs": 0}, "store": "memory:", "cache": {"directory": str(tmp_path)}}
    opened = open_services(Config.model_validate(settings))
    trees = opened.projects.create(definition("trees"), actor="me")
    trees.add([Item(id=row["id"], row=row["row"]) for row in rows()])
    yield opened
    opened.close()


def waiting(services: Services) -> list[str]:
    return [job.kind for job in services.jobs.recent()]


def test_labels_that_a_dead_process_left_behind_are_followed_at_the_next_start(services):
    services.following.catch_up()
    assert waiting(services) == []
    services.projects.open("trees").tell(None, labels(["t0", "t1"]))
    services.following.catch_up()
    services.following.catch_up()
    assert waiting(services) == ["retrain"]
    services.projects.open("trees").retrain()
    assert services.projects.open("trees").status().behind == 0


def test_many_labels_share_one_retraining_and_the_last_is_followed(services, monkeypatch):
    """A job that waits is joined without a look at the store, but only while it cannot have begun."""
    now = [1000.0]
    following = Following(services.jobs, services.store, clock=lambda: now[0])
    first = following.follow("trees")
    submitted = []
    submit = services.jobs.submit

    def counted(*given: object, **more: object) -> object:
        submitted.append(given)
        return submit(*given, **more)

    monkeypatch.setattr(services.jobs, "submit", counted)
    now[0] += 0.7 * DELAY
    assert following.follow("trees") == first
    assert not submitted
    now[0] += 0.2 * DELAY
    assert following.follow("trees") == first  # it still waits, and the store says so
    assert len(submitted) == 1


def test_a_full_queue_does_not_make_safe_labels_look_lost(services, monkeypatch):
    def full(*_args: object, **_more: object) -> None:
        raise QueueFullError("full")

    monkeypatch.setattr(type(services.jobs), "submit", full)
    assert services.following.follow("trees") is None
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as http:
        body = {"answers": [{"item": "t0", "label": "ash"}]}
        told = http.post("/v1/projects/trees/labels", json=body)
    assert (told.status_code, told.json()["labels"], told.json()["retrain"]) == (200, 1, None)


def test_a_batch_that_is_still_being_chosen_says_so(services):
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as http:
        job = http.post("/v1/projects/trees/batches").json()
        answer = http.get(f"/v1/projects/trees/batches/{job['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "batch-not-found")
        assert answer.json()["detail"].endswith(f"follow /v1/jobs/{job['id']}")
