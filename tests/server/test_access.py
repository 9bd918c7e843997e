"""Keys at a real server: role × route × scope, refusals that tell nothing, and the first key."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from alaas.access import Keyring, Token
from alaas.config import Config
from alaas.errors import AccessError, StoreError
from alaas.jobs import Job
from alaas.server import Server, create_app
from alaas.server.gate import OPEN_PATHS, Needs
from alaas.server.job_access import check_job
from alaas.server.routes import ROUTERS
from alaas.server.services import Services, open_services
from alaas.stores import open_store
from scripted_server import wait_until

from .conftest import ended, texts

SETTINGS = {"server": {"keys": "required", "port": 0}, "store": "memory:", "strategy": "random"}
SELECT = {"items": texts(3), "budget": 1}
POST = {"data": [{"text": "a"}, {"text": "b"}], "parameters": {"budget": 1}}
CALLERS = ["reader", "annotator", "admin", "scoped reader", "scoped annotator", "scoped admin"]
"""Scoped: good for the project p alone."""


@pytest.fixture(scope="module")
def services(tmp_path_factory) -> Services:
    cache = {"directory": str(tmp_path_factory.mktemp("features"))}
    return open_services(Config.model_validate({**SETTINGS, "cache": cache}))


@pytest.fixture(scope="module")
def keys(services) -> dict[str, str]:
    made = {}
    for caller in CALLERS:
        projects = ["p"] if caller.startswith("scoped") else None
        _, token = services.admission.keyring.create(caller, caller.split()[-1], projects, actor="me")
        made[caller] = token.text
    return made


@pytest.fixture(scope="module")
def http(services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def job(http, keys) -> str:
    """A selection that has ended."""
    started = http.post("/v1/select", json=SELECT, headers=bearer(keys["admin"])).json()
    http.get(started["links"]["events"], headers=bearer(keys["admin"]))
    return started["id"]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def routes() -> list[APIRoute]:
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(found) > 20
    return found


READ, WORK, ANY = {"reader", "annotator", "admin"}, {"annotator", "admin"}, set(CALLERS)


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/v1/strategies", None, ANY),
        ("GET", "/v1/models", None, ANY),
        ("GET", "/v1/jobs", None, ANY),
        ("GET", "/v1/jobs/JOB", None, READ),
        ("GET", "/v1/jobs/JOB/result", None, READ),
        ("GET", "/v1/jobs/JOB/events", None, READ),
        ("POST", "/v1/jobs/JOB/cancel", None, WORK),
        ("POST", "/v1/select", SELECT, WORK),
        ("POST", "/post", POST, WORK),
    ],
)
def test_each_role_may_do_what_it_is_for(http, keys, job, method, path, body, allowed):
    for caller in CALLERS:
        answer = http.request(method, path.replace("JOB", job), json=body, headers=bearer(keys[caller]))
        if caller in allowed:
            assert answer.status_code in (200, 202, 409), (caller, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "access"), caller


def test_every_route_says_what_it_needs():
    for route in routes():
        needs = [part for part in _calls(route.dependant) if isinstance(part, Needs)]
        assert needs or route.path in OPEN_PATHS, f"{route.path} has no Needs"


def _calls(dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


READS = {"predict"}
"""Ends of paths that are posted to by those who only look."""


def test_projects_are_closed_to_lower_roles_and_to_keys_for_others_whether_or_not_they_are_there(http, keys):
    """Refused before anything of the request is read; what is there is not told."""
    made = http.post("/v1/projects", json={"name": "there"}, headers=bearer(keys["admin"]))
    assert made.status_code == 201, made.text
    tried = 0
    for route in routes():
        if "{project}" not in route.path:
            continue
        path = route.path.replace("{batch}", "b").replace("{number}", "1")
        for method in route.methods:
            changes = method != "GET" and path.rpartition("/")[2] not in READS
            outsiders = [caller for caller in CALLERS if caller.startswith("scoped")]
            for caller in [*outsiders, *(["reader"] if changes else [])]:
                told = [
                    http.request(method, path.replace("{project}", name), headers=bearer(keys[caller]))
                    for name in ("there", "missing")
                ]
                assert [answer.status_code for answer in told] == [403, 403], (method, path, caller)
                assert told[0].text.replace("there", "missing") == told[1].text
                tried += 1
    assert tried > 50


def test_a_key_for_some_projects_makes_and_sees_these_alone(http, keys):
    boss = bearer(keys["scoped admin"])
    assert http.post("/v1/projects", json={"name": "q"}, headers=boss).status_code == 403
    assert http.post("/v1/projects", json={"name": "p"}, headers=boss).status_code == 201
    assert [found["name"] for found in http.get("/v1/projects", headers=boss).json()["projects"]] == ["p"]
    assert http.get("/v1/projects/p", headers=bearer(keys["scoped reader"])).status_code == 200


def test_no_route_is_reached_without_a_key(http, keys):
    for route in routes():
        for method in route.methods:
            answer = http.request(method, re.sub(r"\{\w+\}", "1", route.path))
            if route.path in OPEN_PATHS:
                assert answer.status_code == 200, route.path
            else:
                assert (answer.status_code, answer.json()["code"]) == (401, "key-required"), route.path
                assert answer.headers["www-authenticate"] == "Bearer"
    assert http.get("/nothing/here").status_code == 401
    assert http.get("/openapi.json").status_code == 200


def test_a_refusal_does_not_tell_what_was_wrong_with_the_key(http, services, keys):
    good = Token.read(keys["reader"])
    _, ended_key = services.admission.keyring.create("ended", "admin", actor="me")
    services.admission.keyring.revoke("ended", actor="me")
    wrong = {
        "unknown": Token.new().text,
        "wrong secret": Token(id=good.id, secret=Token.new().secret).text,
        "revoked": ended_key.text,
        "no key at all": "nonsense",
        "empty": "",
        "huge": "x" * 5000,
        "foreign letters": "\xe4\xf6",
    }
    answers = {}
    for name, key in wrong.items():
        answer = http.get("/v1/jobs", headers={b"Authorization": b"Bearer " + key.encode("latin-1")})
        assert answer.status_code == 401, name
        assert answer.headers.pop("x-request-id")  # new for each, whatever the key
        answers[name] = (answer.content, dict(answer.headers))
    assert len({str(told) for told in answers.values()}) == 1
    assert "nonsense" not in str(answers)


def test_a_key_may_come_in_the_other_header(http, keys):
    assert http.get("/v1/jobs", headers={"X-API-Key": keys["reader"]}).status_code == 200
    assert http.get("/v1/jobs", headers={"authorization": f"bearer  {keys['reader']}"}).status_code == 200
    assert http.get("/v1/jobs", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_a_key_for_some_projects_sees_their_jobs_alone(http, services, keys, job):
    listed = http.get("/v1/jobs", headers=bearer(keys["scoped admin"])).json()["jobs"]
    assert listed == []
    assert job in str(http.get("/v1/jobs", headers=bearer(keys["reader"])).json())


@pytest.mark.parametrize(
    ("group", "may"),
    [
        ("ask:p", True),
        ("retrain:p", True),
        ("import:p", True),
        ("export:p", True),
        ("ask:q", False),
        ("ask:", False),
        ("webhook:p", False),
        ("p", False),
        (None, False),
    ],
)
def test_a_job_belongs_to_the_project_of_its_group(services, keys, group, may):
    caller = services.admission.look_up(keys["scoped reader"])
    job = Job(id="1", kind="ask", group=group, state="queued", created=datetime.now(UTC))
    if may:
        check_job(caller, job, "reader")
    with pytest.raises(AccessError):
        check_job(caller, job, "reader" if not may else "annotator")


def test_one_idempotency_key_of_two_callers_is_two_jobs(http, keys):
    def submit(caller: str) -> str:
        headers = {**bearer(keys[caller]), "Idempotency-Key": "same"}
        return http.post("/v1/select", json=SELECT, headers=headers).json()["id"]

    assert submit("admin") == submit("admin")
    assert submit("admin") != submit("annotator")


def test_web_pages_may_send_keys_from_any_name_that_the_server_goes_by(http, keys):
    """Where keys are wanted a foreign page has none, and a proxy may call the server as it likes."""
    headers = {**bearer(keys["reader"]), "Host": "labels.example.org"}
    assert http.get("/v1/jobs", headers=headers).status_code == 200
    assert http.get("/healthz", headers={"Host": "labels.example.org"}).status_code == 200


def test_too_many_requests_are_told_when_to_come_back():
    settings = {**SETTINGS, "limits": {"requests_per_second": 0.5, "request_burst": 3}}
    services = open_services(Config.model_validate({**settings, "server": {"port": 0}}))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as http:
        codes = [http.get("/v1/jobs").status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        refused = http.get("/v1/jobs")
        assert refused.json()["code"] == "rate"
        assert refused.headers["retry-after"] == "2"
        assert [http.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
        _, token = services.admission.keyring.create("anna", "reader", actor="me")
        # Its first look-up is paid for by the address, which has nothing left.
        assert http.get("/v1/jobs", headers=bearer(token.text)).status_code == 429


def test_from_the_first_key_on_a_key_is_wanted():
    services = open_services(Config.model_validate({**SETTINGS, "server": {"port": 0}}))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as http:
        assert http.get("/v1/jobs").status_code == 200
        assert http.get("/v1/jobs", headers={"Host": "evil.example"}).status_code == 403
        _, token = services.admission.keyring.create("anna", "reader", actor="me")
        assert http.get("/v1/jobs").status_code == 401
        assert http.get("/v1/jobs", headers=bearer(token.text)).status_code == 200


def test_a_store_that_is_away_is_503_and_lets_nobody_in(services, http, keys, monkeypatch):
    def away(_key_id):
        raise StoreError("the database is away")

    services.admission.keyring._seen.clear()
    monkeypatch.setattr(services.admission.keyring._table, "get", away)
    answer = http.get("/v1/jobs", headers=bearer(keys["admin"]))
    assert (answer.status_code, answer.json()["code"]) == (503, "store")


def test_health_is_answered_although_the_store_is_away(monkeypatch):
    services = open_services(Config.model_validate({**SETTINGS, "server": {"port": 0}}))

    def away():
        raise StoreError("the database is away")

    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as http:
        monkeypatch.setattr(services.admission.keyring._table, "ever", away)
        services.admission.keyring._ever = (False, 0.0)
        assert http.get("/healthz").status_code == 200
        assert http.get("/v1/jobs").status_code == 503


@pytest.mark.slow
def test_keys_made_and_revoked_beside_a_running_server_count_within_seconds(tmp_path):
    url = f"sqlite:///{tmp_path / 'alaas.db'}"
    settings = {"server": {"port": 0}, "store": url, "strategy": "random"}
    with Server(Config.model_validate(settings)) as server, open_store(url) as beside:
        keyring = Keyring(beside.keys)

        def status(**headers: str) -> int:
            return httpx2.get(f"{server.url}/v1/jobs", headers=headers, timeout=20).status_code

        assert status() == 200
        _, token = keyring.create("anna", "reader", actor="me")
        assert wait_until(lambda: status() == 401, 10)
        assert status(**bearer(token.text)) == 200
        assert beside.keys.rows()[0].used is not None
        keyring.revoke("anna", actor="me")
        assert wait_until(lambda: status(**bearer(token.text)) == 401, 10)


def test_a_key_is_in_no_log_line(http, keys, caplog):
    caplog.set_level("DEBUG")
    secret = Token.read(keys["admin"]).secret
    http.get(f"/v1/jobs?key={keys['admin']}", headers=bearer(keys["admin"]))
    http.get("/v1/jobs", headers={"X-API-Key": f"{keys['admin']}x"})
    http.post("/v1/select", json={"nonsense": 1}, headers=bearer(keys["admin"]))
    ours = [record for record in caplog.records if record.name.startswith("alaas")]
    assert ours
    assert secret not in str([vars(record) for record in ours])


def test_openapi_says_that_a_key_may_be_wanted(http):
    described = http.get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert bool(operation.get("security")) == (path not in OPEN_PATHS), path


def test_a_server_beyond_this_machine_makes_a_key_for_an_admin_and_shows_it(capsys):
    settings = {**SETTINGS, "server": {"host": "0.0.0.0", "port": 0}}
    with Server(Config.model_validate(settings)) as server:
        shown = capsys.readouterr().err
        assert server.key in shown
        assert "shown only now" in shown
        url = f"http://127.0.0.1:{server.url.rpartition(':')[2]}"
        assert httpx2.get(f"{url}/v1/jobs").status_code == 401
        http = httpx2.Client(base_url=url, headers=bearer(server.key), timeout=20)
        with http:
            started = http.post("/v1/select", json=SELECT).json()
            assert ended(http, started["id"])["state"] == "succeeded"
        assert Token.read(server.key).secret not in repr(vars(server).get("_listener"))


def test_in_the_words_of_the_original_everybody_may_come_in(capsys):
    settings = {**SETTINGS, "server": {"host": "0.0.0.0", "port": 0, "allow_remote": True}}
    with Server(Config.model_validate(settings)) as server:
        assert server.key is None
        port = server.url.rpartition(":")[2]
        assert httpx2.post(f"http://127.0.0.1:{port}/post", json=POST, timeout=20).status_code == 200
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_server_as_a_process_shows_the_first_key_on_stderr(tmp_path):
    program = (
        "import json, sys\nfrom alaas.config import Config\nfrom alaas.server import serve\n"
        "serve(Config.model_validate(json.loads(sys.argv[1])))"
    )
    command = [sys.executable, "-W", "error", "-c", program, json.dumps(SETTINGS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            url = running.stdout.readline().split()[-1]
            running.terminate()
            told = running.stderr.read()
        finally:
            running.kill()
    assert url in told
    assert Token.read(next(word for word in told.split() if word.startswith("alaas_"))) is not None


def test_a_port_in_use_is_told_before_a_key_is_made(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Exception, match="in use"):
            Server(Config.model_validate({**SETTINGS, "server": {"keys": "required", "port": port}})).open()
    assert capsys.readouterr().err == ""
