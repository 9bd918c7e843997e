"""A project's events as a stream: all of them, in order, once, until the server stops."""

from __future__ import annotations

import json
import threading
import time

import httpx2
import pytest

from alaas.config import Config
from alaas.server import Server


@pytest.fixture(scope="module")
def project(http) -> str:
    assert http.post("/v1/projects", json={"name": "reviews"}).status_code == 201
    items = [{"id": name, "text": f"text {name}"} for name in "abc"]
    assert http.post("/v1/projects/reviews/items", json={"items": items}).status_code == 201
    return "reviews"


def follow(http, project: str, count: int, **more) -> list[dict]:
    """The next ``count`` events."""
    found: list[dict] = []
    event: dict = {}
    with http.stream("GET", f"/v1/projects/{project}/events", **more) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if not line and event:
                found.append({**event, "data": json.loads(event["data"])})
                event = {}
                if len(found) == count:
                    break
            elif line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                event[name] = value
    return found


def test_the_stream_begins_with_the_first_event(http, project):
    first, second = follow(http, project, 2)
    assert (first["event"], second["event"]) == ("project.create", "items.add")
    assert second["data"]["detail"] == {"added": 3, "known": 0}
    assert second["data"]["verb"] == "items.add"
    assert int(first["id"]) == first["data"]["sequence"] < int(second["id"])


def test_a_reader_that_comes_back_goes_on_where_it_was(http, project):
    first, second = follow(http, project, 2)
    assert follow(http, project, 1, headers={"Last-Event-ID": first["id"]}) == [second]
    assert follow(http, project, 1, params={"after": first["id"]}) == [second]
    assert follow(http, project, 1, headers={"Last-Event-ID": "nonsense"}) == [first]


def test_what_happens_is_told_while_one_looks(http, server, project):
    last = follow(http, project, 2)[-1]["id"]
    found: list[dict] = []
    with httpx2.Client(base_url=server.url, timeout=20) as other:
        reader = threading.Thread(
            target=lambda: found.extend(follow(other, project, 1, headers={"Last-Event-ID": last}))
        )
        reader.start()
        time.sleep(0.3)
        item = {"items": [{"id": "late", "text": "late"}]}
        assert http.post(f"/v1/projects/{project}/items", json=item).status_code == 201
        reader.join(5)
    assert [event["event"] for event in found] == ["items.add"]


def test_an_unknown_project_is_a_problem(http):
    answer = http.get("/v1/projects/nothing/events")
    assert answer.status_code == 404
    assert answer.json()["code"] == "project-not-found"


def test_streams_end_when_the_server_stops():
    with Server(Config.model_validate({"server": {"port": 0}, "store": "memory:"})) as server:
        httpx2.post(f"{server.url}/v1/projects", json={"name": "reviews"}).raise_for_status()
        began = threading.Event()
        ended = threading.Event()

        def read() -> None:
            with httpx2.stream("GET", f"{server.url}/v1/projects/reviews/events", timeout=20) as stream:
                for _ in stream.iter_lines():
                    began.set()
            ended.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert began.wait(5)
        stopping = time.monotonic()
        server.stop()
        reader.join(5)
    assert ended.is_set()
    assert time.monotonic() - stopping < 3
