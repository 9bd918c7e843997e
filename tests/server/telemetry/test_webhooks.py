"""A whole server tells a receiver of a project from its first day to its last."""

from __future__ import annotations

import time

import httpx2
import pytest

from alaas.config import Config
from alaas.server import Server
from alaas.webhooks import verify
from receivers import SECRET, receivers, wait_until
from rows import definition, labels, rows

from ..conftest import ended


@pytest.fixture
def told(tmp_path):
    """A server with a receiver."""
    with receivers() as make:
        receiver = make()
        settings = {
            "server": {"port": 0},
            "store": "memory:",
            "cache": {"directory": str(tmp_path)},
            "webhooks": [{"url": receiver.url, "secret": SECRET}],
        }
        with Server(Config.model_validate(settings)) as server, httpx2.Client(base_url=server.url) as http:
            yield http, receiver


def kinds(receiver) -> list[str]:
    return [event["type"] for event in receiver.told]


def ask(http, project: str, count: int) -> dict:
    job = http.post(f"/v1/projects/{project}/batches", json={"k": count}).json()
    assert ended(http, job["id"])["state"] == "succeeded"
    return http.get(job["links"]["result"]).json()


def tell(http, project: str, batch: dict) -> None:
    answers = labels([item["id"] for item in batch["items"]])
    body = {
        "batch": batch["id"],
        "answers": [{"item": item, "label": said} for item, said in answers.items()],
    }
    http.post(f"/v1/projects/{project}/labels", json=body).raise_for_status()


def test_a_project_is_told_from_its_beginning_to_its_end(told):
    http, receiver = told
    http.post("/v1/projects", json=definition("trees", budget=12)).raise_for_status()
    http.post("/v1/projects/trees/items", json={"items": rows()}).raise_for_status()
    for _ in range(2):
        tell(http, "trees", ask(http, "trees", 6))
        wait_until(lambda: kinds(receiver).count("round.finished") >= 1)
    wait_until(lambda: "project.finished" in kinds(receiver))
    time.sleep(0.6)
    assert kinds(receiver)[0] == "project.created"
    assert kinds(receiver).count("batch.created") == 2
    assert kinds(receiver).count("labels.told") == 2
    assert kinds(receiver).count("project.finished") == 1
    finished = next(event for event in receiver.told if event["type"] == "project.finished")
    assert finished["data"] == {"project": "trees", "reason": "budget", "labels": 12}
    jobs = [event["data"] for event in receiver.told if event["type"] == "job.finished"]
    assert {(job["work"], job["project"], job["state"]) for job in jobs} == {
        ("ask", "trees", "succeeded"),
        ("retrain", "trees", "succeeded"),
    }
    for headers, body in receiver.got:
        verify(SECRET, headers, body)


def test_deliveries_are_measured_and_their_job_is_seen(told):
    http, receiver = told
    http.post("/v1/projects", json=definition("trees")).raise_for_status()
    wait_until(lambda: receiver.got)
    wait_until(lambda: 'alaas_webhook_deliveries_total{outcome="delivered"} 1.0' in http.get("/metrics").text)
    assert 'alaas_jobs_running{kind="webhook"} 1.0' in http.get("/metrics").text
    assert http.get("/readyz").status_code == 200


def test_an_end_is_told_again_when_more_was_wanted(told):
    http, receiver = told
    http.post("/v1/projects", json=definition("trees", budget=6)).raise_for_status()
    http.post("/v1/projects/trees/items", json={"items": rows()}).raise_for_status()
    tell(http, "trees", ask(http, "trees", 6))
    wait_until(lambda: kinds(receiver).count("project.finished") == 1)
    http.patch("/v1/projects/trees", json={"budget": 9}, headers={"If-Match": '"1"'}).raise_for_status()
    tell(http, "trees", ask(http, "trees", 3))
    wait_until(lambda: kinds(receiver).count("project.finished") == 2)


def test_a_pool_that_is_empty_is_an_end_too(told):
    http, receiver = told
    http.post("/v1/projects", json=definition("trees")).raise_for_status()
    http.post("/v1/projects/trees/items", json={"items": rows(6)}).raise_for_status()
    tell(http, "trees", ask(http, "trees", 6))
    wait_until(lambda: "project.finished" in kinds(receiver))
    finished = next(event for event in receiver.told if event["type"] == "project.finished")
    assert finished["data"]["reason"] == "exhausted"
