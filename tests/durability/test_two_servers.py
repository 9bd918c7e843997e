"""Two servers on one store, behind one address, are one server to whoever calls."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from round_robin import round_robin
from served import Served, served, until

from alaas import Client
from alaas.access import Keyring
from alaas.stores import open_store
from postgresql import cluster

pytestmark = [pytest.mark.slow, pytest.mark.external, pytest.mark.timeout(180)]

TREES = {
    "name": "trees",
    "modality": "table",
    "model": "passthrough",
    "strategy": "margin",
    "task": {"classes": ["ash", "beech"]},
}
ROWS = [{"id": f"t{n}", "row": {"height": n % 7, "girth": n % 2}} for n in range(60)]


@dataclass(frozen=True)
class Pair:
    """Both servers, and the address that leads to either in turn."""

    store: str
    both: str
    first: Served
    second: Served

    @property
    def turns(self) -> tuple[str, str]:
        return self.first.url, self.second.url


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/alaas.db"
        return
    with cluster(durable=False) as postgresql:
        yield postgresql.database()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        store = stack.enter_context(database(request.param, tmp_path_factory.mktemp("store")))
        # A folder each, as on two machines: neither sees the other's features.
        first, second = (
            stack.enter_context(served(tmp_path_factory.mktemp("server"), store)) for _ in range(2)
        )
        both = stack.enter_context(round_robin([first.url, second.url]))
        yield Pair(store=store, both=both, first=first, second=second)


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    """A client that makes a connection for each request, so that each may reach another server."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    with httpx2.Client(limits=limits, timeout=60) as client:
        yield client


def result(answer: httpx2.Response) -> dict:
    assert answer.status_code < 300, answer.text
    return answer.json()


def finished(http: httpx2.Client, url: str, job: str, *, seconds: float = 60.0) -> dict:
    def ended() -> bool:
        found.update(result(http.get(f"{url}/v1/jobs/{job}")))
        return found["state"] in ("succeeded", "failed", "cancelled")

    found: dict = {}
    until(ended, seconds=seconds)
    return found


def new_project(http: httpx2.Client, pair: Pair, name: str) -> str:
    made = http.post(f"{pair.turns[0]}/v1/projects", json={**TREES, "name": name})
    assert made.status_code == 201, made.text
    result(http.post(f"{pair.turns[1]}/v1/projects/{name}/items", json={"items": ROWS}))
    return f"/v1/projects/{name}"


def ask(http: httpx2.Client, pair: Pair, path: str, annotator: str, key: str | None = None) -> dict:
    """Asked on the first, fetched from the second."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"k": 8, "annotator": annotator}
    job = result(http.post(f"{pair.turns[0]}{path}/batches", json=body, headers=headers))["id"]
    assert finished(http, pair.turns[1], job)["state"] == "succeeded"
    return result(http.get(f"{pair.turns[1]}/v1/jobs/{job}/result"))


def answers(items: list[str]) -> list[dict]:
    return [{"item": item, "label": ("ash", "beech")[place % 2]} for place, item in enumerate(items)]


def test_a_project_made_on_one_is_worked_on_through_the_other(pair: Pair, http: httpx2.Client) -> None:
    first, second = pair.turns
    path = new_project(http, pair, "worked")
    batch = ask(http, pair, path, "ann")
    items = [item["id"] for item in batch["items"]]
    assert len(items) == 8
    assert not set(items) & {item["id"] for item in ask(http, pair, path, "bob")["items"]}
    body = {"batch": batch["id"], "annotator": "ann", "answers": answers(items)}
    outcomes = [
        {receipt["outcome"] for receipt in result(http.post(f"{url}{path}/labels", json=body))["receipts"]}
        for url in (first, first, second)
    ]
    assert outcomes == [{"kept"}, {"same"}, {"same"}]
    assert [result(http.get(f"{url}{path}/status"))["labels"] for url in pair.turns] == [8, 8]
    changed = {"labelling": {"annotators": 2}}
    version = http.get(f"{first}{path}").headers.get("ETag", "")
    assert http.patch(f"{first}{path}", json=changed, headers={"If-Match": version}).status_code == 200
    stale = http.patch(f"{second}{path}", json=changed, headers={"If-Match": version})
    assert stale.status_code == 412, stale.text
    version = http.get(f"{second}{path}").headers["ETag"]
    assert http.delete(f"{second}{path}", headers={"If-Match": version}).status_code == 204
    until(lambda: http.get(f"{first}{path}").status_code == 404, seconds=2)


def test_labels_told_to_both_are_learnt_from_together(pair: Pair, http: httpx2.Client) -> None:
    path = new_project(http, pair, "learnt")
    items = [f"t{n}" for n in range(16)]
    for place, answer in enumerate(answers(items)):
        body = {"annotator": "ann", "answers": [answer]}
        result(http.post(f"{pair.turns[place % 2]}{path}/labels", json=body))

    def settled() -> bool:
        return [result(http.get(f"{url}{path}/status"))["behind"] for url in pair.turns] == [0, 0]

    until(settled)
    found = [result(http.get(f"{url}{path}/rounds"))["rounds"] for url in pair.turns]
    assert found[0] == found[1]
    assert 1 <= len(found[0]) <= 4  # not one a label, nor one a server


def test_the_events_of_a_project_come_from_either(pair: Pair, http: httpx2.Client) -> None:
    path = new_project(http, pair, "followed")
    seen: list[list[str]] = []
    for url in pair.turns:
        with http.stream("GET", f"{url}{path}/events") as stream:
            names: list[str] = []
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    names.append(line[7:])
                if "items.add" in names:
                    break
            seen.append(names)
    assert seen[0] == seen[1]
    assert seen[0][0] == "project.create"


def test_an_idempotency_key_is_known_to_both(pair: Pair, http: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "once"}
    made = [
        http.post(f"{url}/v1/projects", json={**TREES, "name": "once"}, headers=headers) for url in pair.turns
    ]
    assert [one.status_code for one in made] == [201, 201]
    body = {
        "items": [{"id": f"x{n}", "text": f"text {n}"} for n in range(4)],
        "budget": 2,
        "strategy": "random",
    }
    with ThreadPoolExecutor(8) as callers:
        answers = list(
            callers.map(
                lambda place: http.post(
                    f"{pair.turns[place % 2]}/v1/select", json=body, headers={"Idempotency-Key": "select"}
                ),
                range(16),
            )
        )
    assert len({result(one)["id"] for one in answers}) == 1
    other = http.post(
        f"{pair.both}/v1/select", json={**body, "budget": 3}, headers={"Idempotency-Key": "select"}
    )
    assert other.status_code in (409, 422)


def test_the_events_of_a_job_come_from_either(pair: Pair, http: httpx2.Client) -> None:
    body = {
        "items": [{"id": f"x{n}", "text": f"text {n}"} for n in range(4)],
        "budget": 2,
        "strategy": "random",
    }
    job = result(http.post(f"{pair.turns[0]}/v1/select", json=body))["id"]
    told = [http.get(f"{url}/v1/jobs/{job}/events").text for url in pair.turns]
    states = [
        [json.loads(line[6:])["state"] for line in text.splitlines() if line.startswith("data: ")]
        for text in told
    ]
    assert states[0] == states[1]
    assert states[0][-1] == "succeeded"
    assert result(http.get(f"{pair.turns[1]}/v1/jobs/{job}/result"))["selected"]


def test_the_original_call_is_answered_by_either(pair: Pair, http: httpx2.Client) -> None:
    body = {
        "data": [{"text": f"text {n}"} for n in range(4)],
        "parameters": {"budget": 2},
        "execEndpoint": "/query",
    }
    for url in pair.turns:
        answered = http.post(f"{url}/post", json=body)
        assert answered.status_code in (200, 422), answered.text  # 422: no model was configured


def test_a_client_works_through_the_one_address(pair: Pair) -> None:
    with Client(pair.both) as client:
        client.create_project({**TREES, "name": "through"})
        project = client.project("through")
        project.add(items=ROWS)
        batch = project.ask(4, annotator="ann")
        project.tell(batch.id, {item.id: "ash" for item in batch.items}, annotator="ann")
        assert project.status().labels == 4


@pytest.fixture
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Servers of this test's own, for it kills one or makes keys."""
    with ExitStack() as stack:
        (tmp_path / "store").mkdir()
        store = stack.enter_context(database(request.param, tmp_path / "store"))
        found = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            found.append(stack.enter_context(served(tmp_path / name, store)))
        both = stack.enter_context(round_robin([one.url for one in found]))
        yield Pair(store=store, both=both, first=found[0], second=found[1])


@pytest.mark.parametrize("alone", ["sqlite"], indirect=True)
def test_a_key_that_is_revoked_is_refused_by_both(alone: Pair, http: httpx2.Client) -> None:
    with open_store(alone.store) as store:
        keyring = Keyring(store.keys)
        _, token = keyring.create("ann", "reader", actor="test")
        header = {"Authorization": f"Bearer {token.text}"}
        until(
            lambda: [http.get(f"{url}/v1/jobs").status_code for url in alone.turns] == [401, 401], seconds=5
        )
        assert [http.get(f"{url}/v1/jobs", headers=header).status_code for url in alone.turns] == [200, 200]
        keyring.revoke("ann", actor="test")
        time.sleep(1.5)
        assert [http.get(f"{url}/v1/jobs", headers=header).status_code for url in alone.turns] == [401, 401]


class Holding(BaseHTTPRequestHandler):
    """Serves texts, once they may be had."""

    free: threading.Event

    def do_GET(self) -> None:
        self.free.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.path)))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def holding() -> Iterator[tuple[str, threading.Event]]:
    free = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Held", (Holding,), {"free": free}))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", free
    finally:
        free.set()
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize("alone", ["sqlite", "postgresql"], indirect=True)
def test_a_job_of_a_server_that_is_killed_is_finished_by_the_other(alone: Pair, http: httpx2.Client) -> None:
    with holding() as (place, free):
        items = [{"id": f"x{n}", "uri": f"{place}/{n}.txt"} for n in range(4)]
        body = {"items": items, "modality": "text", "budget": 2, "strategy": "random"}
        job = result(http.post(f"{alone.both}/v1/select", json=body, headers={"Idempotency-Key": "k"}))["id"]
        began = {one.url: one for one in (alone.first, alone.second)}

        def who() -> list[Served]:
            return [
                one for one in began.values() if any("job begun" in line and job in line for line in one.log)
            ]

        until(who)
        (killed,) = who()
        killed.process.kill()
        killed.process.wait()
        # The one address still answers, and sending the same again is the same job.
        for _ in range(4):
            again = http.post(f"{alone.both}/v1/select", json=body, headers={"Idempotency-Key": "k"})
            assert result(again)["id"] == job
        free.set()
        ended = finished(http, alone.both, job)
        assert ended["state"] == "succeeded", ended
        assert len(result(http.get(f"{alone.both}/v1/jobs/{job}/result"))["selected"]) == 2
