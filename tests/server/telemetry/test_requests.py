"""One line and one measurement for each request; neither tells a secret."""

from __future__ import annotations

import re
import time

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from alaas.server.telemetry.request_id import request_id
from receivers import wait_until

from ..conftest import ended, texts


def samples(http) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics by its name and label values."""
    page = http.get("/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@pytest.fixture
def lines(caplog):
    """What was logged about requests and jobs, as dictionaries."""
    caplog.set_level("DEBUG", logger="alaas")

    def found(event: str, **wanted) -> list[dict]:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:  # a line may come after the answer that it tells of
            lines = [vars(record) for record in caplog.records if record.getMessage() == event]
            lines = [line for line in lines if wanted.items() <= line.items()]
            if lines:
                return lines
            time.sleep(0.01)
        return []

    return found


def test_a_request_is_one_line(http, lines):
    answer = http.get("/v1/jobs/nothing?token=hidden", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["X-Request-Id"] == "abc-1"
    [line] = lines("request", request_id="abc-1")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/jobs/{job_id}", 404)
    assert line["bytes"] == len(answer.content)
    assert 0 < line["seconds"] < 10
    assert line["levelname"] == "INFO"
    assert "hidden" not in str(line)


def test_what_machines_ask_all_the_time_is_told_to_those_who_debug(http, lines):
    http.get("/healthz")
    assert [line["levelname"] for line in lines("request", route="/healthz")] == ["DEBUG"]


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "a\u00e9", "<script>"])
def test_an_id_that_cannot_be_written_down_is_replaced(given):
    assert re.fullmatch("[0-9a-f]{32}", request_id(given))


def test_every_answer_has_an_id_refusals_too(http):
    answers = [http.get("/nowhere"), http.get("/v1/jobs", headers={"Host": "evil.example"})]
    assert [answer.status_code for answer in answers] == [404, 403]
    assert all(answer.headers["X-Request-Id"] for answer in answers)


def test_an_answer_to_a_bug_has_its_id_and_is_counted(server, lines, monkeypatch):
    def broken(*_arguments, **_named):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(type(server._listener._services.jobs), "recent", broken)
    # On a connection of its own: it is closed behind such an answer.
    answer = httpx2.get(f"{server.url}/v1/jobs", headers={"X-Request-Id": "broken-1"}, timeout=20)
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] == "broken-1"
    [line] = lines("request", request_id="broken-1")
    assert (line["status"], line["levelname"]) == (500, "WARNING")


def test_requests_are_counted_by_the_template_of_their_route(http):
    before = samples(http)
    for name in ("a", "b", "c"):
        http.get(f"/v1/jobs/{name}")
        http.get(f"/nowhere/{name}")
        http.request("BREW", "/v1/jobs")
    known = ("alaas_http_requests_total", "GET", "/v1/jobs/{job_id}", "404")
    unknown = ("alaas_http_requests_total", "GET", "unknown", "404")

    def more(*key: str) -> float:
        return samples(http).get(key, 0) - before.get(key, 0)

    wait_until(lambda: more(*known) == 3)  # an answer may be read before it is counted
    wait_until(lambda: more(*unknown) == 3)
    wait_until(lambda: more("alaas_http_request_duration_seconds_count", *known[1:3]) == 3)
    wait_until(lambda: samples(http)["alaas_http_requests_open",] == 1)  # the one that asks
    assert [key for key in samples(http) if "BREW" in key] == []


def test_a_job_is_told_from_the_request_that_asked_for_it_to_its_end(http, lines):
    headers = {"X-Request-Id": "ask-1"}
    job = http.post("/v1/select", json={"items": texts(3), "budget": 1}, headers=headers).json()
    ended(http, job["id"])
    told = [line for event in ("job queued", "job begun", "job ended") for line in lines(event)]
    assert [(line["message"], line["request_id"], line["kind"]) for line in told] == [
        ("job queued", "ask-1", "select"),
        ("job begun", "ask-1", "select"),
        ("job ended", "ask-1", "select"),
    ]
    assert {line["job"] for line in told} == {job["id"]}
    assert (told[2]["state"], told[2]["attempt"]) == ("succeeded", 1)


def test_a_job_that_fails_is_a_warning_with_its_reason(http, lines):
    body = {"items": [{"id": "x", "uri": "file:///etc/passwd"}], "budget": 1, "modality": "text"}
    ended(http, http.post("/v1/select", json=body).json()["id"])
    [line] = lines("job ended")
    assert (line["levelname"], line["state"], line["code"]) == ("WARNING", "failed", "no-usable-items")


def test_jobs_and_the_pipeline_are_measured(http):
    before = samples(http)
    ended(http, http.post("/v1/select", json={"items": texts(5), "budget": 1}).json()["id"])
    wait_until(lambda: samples(http).get(("alaas_jobs_running_here", "select")) == 0)
    after = samples(http)

    def more(*key: str) -> float:
        return after[key] - before.get(key, 0)

    assert more("alaas_jobs_ended_total", "select", "succeeded") == 1
    assert more("alaas_job_duration_seconds_count", "select", "succeeded") == 1
    assert more("alaas_job_wait_seconds_count", "select") == 1
    assert more("alaas_pipeline_items_total") == 5
    assert 0 <= after["alaas_pipeline_stage_busy_ratio", "fetch"] <= 1
    assert after["alaas_pipeline_stage_items_per_second", "fetch"] > 0
    assert after["alaas_ready",] == 1
    assert after["alaas_store_call_duration_seconds_count", "projects"] >= 1
