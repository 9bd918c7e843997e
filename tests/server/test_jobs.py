"""Looking at jobs, following them, stopping them; the queue and idempotency."""

from __future__ import annotations

import json
import time

import pytest

from .conftest import ended, texts


def events(lines):
    """The events of a stream: (id, name, job)."""
    found, event = [], {}
    for line in lines:
        if not line and event:
            found.append((int(event["id"]), event["event"], json.loads(event["data"])))
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
    return found


def test_jobs_are_listed_newest_first(http):
    ids = [http.post("/v1/select", json={"items": texts(2), "budget": 1}).json()["id"] for _ in range(2)]
    for job_id in ids:
        ended(http, job_id)
    listed = [job["id"] for job in http.get("/v1/jobs").json()["jobs"]]
    assert listed[:2] == ids[::-1]
    assert len(http.get("/v1/jobs", params={"limit": 1}).json()["jobs"]) == 1
    assert http.get("/v1/jobs", params={"limit": "all"}).json()["code"] == "usage"


def test_events_tell_every_state_and_end_with_the_job(http):
    job_id = http.post("/v1/select", json={"items": texts(3), "budget": 1}).json()["id"]
    answer = http.get(f"/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text.splitlines())
    assert [job["state"] for _, name, job in found if name == "state"] == ["queued", "running", "succeeded"]
    numbers = [number for number, _, _ in found]
    assert numbers == sorted(set(numbers))
    assert found[-1][2]["links"]["result"] == f"/v1/jobs/{job_id}/result"


def test_events_go_on_after_the_last_one_seen(http):
    job_id = http.post("/v1/select", json={"items": texts(3), "budget": 1}).json()["id"]
    everything = events(http.get(f"/v1/jobs/{job_id}/events").text.splitlines())
    last = everything[-1][0]

    def after(event_id):
        headers = {"Last-Event-ID": event_id}
        return events(http.get(f"/v1/jobs/{job_id}/events", headers=headers).text.splitlines())

    assert after(str(everything[0][0])) == everything[1:]
    assert after(str(last)) == []
    for nonsense in ("x", "-1", "1e9", "9" * 5000, "²"):
        assert after(nonsense.encode("utf-8")) == everything


def test_progress_is_streamed_while_a_job_runs(http, slow_job):
    with http.stream("GET", f"/v1/jobs/{slow_job}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event: progress"):
                break
        else:
            pytest.fail("the stream ended without progress")
    assert http.get(f"/v1/jobs/{slow_job}").json()["state"] == "running"


def test_a_running_job_stops_within_a_second_when_cancelled(http, slow_job):
    deadline = time.monotonic() + 5
    while http.get(f"/v1/jobs/{slow_job}").json()["state"] == "queued" and time.monotonic() < deadline:
        time.sleep(0.01)
    began = time.monotonic()
    assert http.post(f"/v1/jobs/{slow_job}/cancel").status_code == 202
    assert ended(http, slow_job)["state"] == "cancelled"
    assert time.monotonic() - began < 1.5
    assert http.post(f"/v1/jobs/{slow_job}/cancel").json()["state"] == "cancelled"
    assert http.get(f"/v1/jobs/{slow_job}/result").status_code == 409


def test_a_finished_job_cannot_be_cancelled(http):
    job_id = http.post("/v1/select", json={"items": texts(2), "budget": 1}).json()["id"]
    ended(http, job_id)
    answer = http.post(f"/v1/jobs/{job_id}/cancel")
    assert answer.status_code == 409
    assert answer.json()["code"] == "job-conflict"


def test_the_result_of_an_unfinished_job_is_a_conflict(http, slow_job):
    answer = http.get(f"/v1/jobs/{slow_job}/result")
    assert answer.status_code == 409
    assert "no result yet" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["", "/result", "/events"])
def test_an_unknown_job_is_a_problem(http, path):
    answer = http.get(f"/v1/jobs/nothing{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "job-not-found"


def test_the_same_key_and_request_give_the_same_job(http):
    headers = {"Idempotency-Key": "one"}
    body = {"items": texts(2), "budget": 1}
    first = http.post("/v1/select", json=body, headers=headers)
    ended(http, first.json()["id"])
    again = http.post("/v1/select", json=body, headers=headers)
    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    other = http.post("/v1/select", json={**body, "budget": 2}, headers=headers)
    assert other.status_code == 409
    assert other.json()["code"] == "job-conflict"
    assert http.post("/v1/select", json=body).json()["id"] != first.json()["id"]


def test_a_full_queue_answers_429_and_when_to_come_back(http, slow_job, silent):
    body = {"items": [{"uri": f"{silent}/x.png"}], "budget": 1}
    deadline = time.monotonic() + 5
    while http.get(f"/v1/jobs/{slow_job}").json()["state"] == "queued" and time.monotonic() < deadline:
        time.sleep(0.01)
    waiting = [http.post("/v1/select", json=body).json()["id"] for _ in range(2)]
    answer = http.post("/v1/select", json=body)
    assert answer.status_code == 429
    assert answer.json()["code"] == "queue-full"
    assert int(answer.headers["retry-after"]) >= 1
    for job_id in waiting:
        assert http.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"


def test_a_failed_job_tells_why(http):
    body = {"items": [{"id": "x", "uri": "file:///etc/passwd"}], "budget": 1, "modality": "text"}
    job = ended(http, http.post("/v1/select", json=body).json()["id"])
    assert job["state"] == "failed"
    assert job["error"]["code"] in ("no-usable-items", "egress")
    result = http.get(f"/v1/jobs/{job['id']}/result")
    assert result.status_code == 409
    assert job["error"]["detail"] in result.json()["detail"]
