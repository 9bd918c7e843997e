"""Who may do what with projects, at a real application with keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from alaas.config import Config
from alaas.server import create_app
from alaas.server.services import Services, open_services
from rows import definition, rows

CALLERS = {
    "reader": None,
    "annotator": None,
    "admin": None,
    "reader of p": ["p"],
    "annotator of p": ["p"],
    "admin of p": ["p"],
}
READ = set(CALLERS)
LABEL = {name for name in CALLERS if not name.startswith("reader")}
ADMINISTER = {name for name in CALLERS if name.startswith("admin")}
ANSWERS = {"answers": [{"item": "t1", "label": "ash"}]}


@pytest.fixture(scope="module")
def services(tmp_path_factory) -> Services:
    settings = {
        "server": {"keys": "required", "port": 0},
        "store": "memory:",
        "strategy": "random",
        "cache": {"directory": str(tmp_path_factory.mktemp("features"))},
    }
    return open_services(Config.model_validate(settings))


@pytest.fixture(scope="module")
def keys(services) -> dict[str, dict[str, str]]:
    made = {}
    for caller, projects in CALLERS.items():
        _, token = services.admission.keyring.create(caller, caller.split()[0], projects, actor="me")
        made[caller] = {"Authorization": f"Bearer {token.text}"}
    return made


@pytest.fixture(scope="module")
def http(services, keys) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        for name in ("p", "q"):
            client.post("/v1/projects", json=definition(name), headers=keys["admin"])
            client.post(f"/v1/projects/{name}/items", json={"items": rows()}, headers=keys["admin"])
        yield client


ROUTES = [
    ("GET", "", None, READ),
    ("GET", "/status", None, READ),
    ("GET", "/items", None, READ),
    ("GET", "/batches", None, READ),
    ("GET", "/batches/none", None, READ),
    ("GET", "/batches/none/replay", None, READ),
    ("GET", "/labels", None, READ),
    ("GET", "/conflicts", None, READ),
    ("GET", "/rounds", None, READ),
    ("GET", "/rounds/latest/model", None, READ),
    ("GET", "/metrics", None, READ),
    ("GET", "/export", None, READ),
    ("POST", "/batches", {"k": 1}, LABEL),
    ("POST", "/batches/none/release", None, LABEL),
    ("POST", "/batches/none/extend", None, LABEL),
    ("POST", "/labels", ANSWERS, LABEL),
    ("POST", "/labels", {**ANSWERS, "final": True}, ADMINISTER),
    ("POST", "/rounds", None, LABEL),
    ("POST", "/predict", {"items": rows(1)}, READ),
    ("POST", "/export", None, LABEL),
    ("POST", "/items", {"items": rows(1)}, ADMINISTER),
    ("POST", "/stream", {"items": rows(1)}, ADMINISTER),
    ("PATCH", "", {}, ADMINISTER),
    ("DELETE", "", None, ADMINISTER),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed"), ROUTES)
def test_each_role_may_do_what_it_is_for_where_its_key_is_good(http, keys, method, path, body, allowed):
    for caller, headers in keys.items():
        for project in ("p", "q"):
            answer = http.request(method, f"/v1/projects/{project}{path}", json=body, headers=headers)
            good = caller in allowed and (CALLERS[caller] is None or project == "p")
            # What is allowed goes on to 428 or 404, for want of an If-Match, a batch or a round.
            refused = answer.status_code == 403 and answer.json()["code"] == "access"
            assert refused != good, (caller, project, answer.status_code, answer.text)


def test_a_key_for_other_projects_does_not_find_out_which_there_are(http, keys):
    there, not_there = (
        http.get(f"/v1/projects/{name}", headers=keys["admin of p"]) for name in ("q", "none")
    )
    assert there.status_code == not_there.status_code == 403
    assert there.json()["detail"].replace("'q'", "'none'") == not_there.json()["detail"]


def test_every_route_of_projects_is_in_the_table(http):
    known = {
        (method, path.removeprefix("/v1/projects/{project}"))
        for path, methods in http.get("/openapi.json").json()["paths"].items()
        for method in map(str.upper, methods)
        if path.startswith("/v1/projects/{project}") and not path.endswith("/events")
    }
    tried = {
        (method, path.replace("/none", "/{batch}").replace("/latest", "/{number}"))
        for method, path, *_ in ROUTES
    }
    assert known == tried


def test_a_project_is_made_by_an_admin_of_its_name(http, keys):
    for caller, headers in keys.items():
        answer = http.post("/v1/projects", json=definition("new"), headers=headers)
        assert answer.status_code == (201 if caller == "admin" else 403)
    assert http.post("/v1/projects", json=definition("p"), headers=keys["admin of p"]).status_code == 409


def test_a_key_for_some_projects_lists_those_alone(http, keys):
    def listed(caller: str) -> list[str]:
        page = http.get("/v1/projects", headers=keys[caller]).json()
        return [project["name"] for project in page["projects"]]

    assert listed("reader of p") == ["p"]
    assert {"p", "q"} <= set(listed("reader"))


def test_an_annotator_speaks_for_themselves(http, keys):
    told = http.post("/v1/projects/p/labels", json={**ANSWERS, "annotator": "eve"}, headers=keys["annotator"])
    assert (told.status_code, told.json()["code"]) == (403, "access")
    asked = http.post("/v1/projects/p/batches", json={"annotator": "eve"}, headers=keys["annotator"])
    assert asked.status_code == 403
    http.post("/v1/projects/p/labels", json=ANSWERS, headers=keys["annotator of p"])
    http.post("/v1/projects/p/labels", json={**ANSWERS, "annotator": "eve"}, headers=keys["admin"])
    history = http.get("/v1/projects/p/labels", headers=keys["reader"]).json()["labels"]
    assert {"annotator of p", "eve"} <= {entry["annotator"] for entry in history}


def test_a_batch_is_given_back_by_whom_it_is_for_or_an_admin(http, keys, services):
    job = http.post("/v1/projects/q/batches", json={"k": 1}, headers=keys["annotator"]).json()
    http.get(job["links"]["events"], headers=keys["annotator"])
    batch = http.get(job["links"]["result"], headers=keys["annotator"]).json()
    assert batch["annotator"] == "annotator"
    address = f"/v1/projects/q/batches/{batch['id']}"
    _, token = services.admission.keyring.create("other", "annotator", actor="me")
    other = {"Authorization": f"Bearer {token.text}"}
    for verb in ("extend", "release"):
        assert http.post(f"{address}/{verb}", headers=other).status_code == 403
        assert http.post(f"{address}/{verb}", headers=keys["annotator"]).status_code == 200
        assert http.post(f"{address}/{verb}", headers=keys["admin"]).status_code == 200
    assert http.get(job["links"]["result"], headers=keys["reader of p"]).status_code == 403


def test_the_log_has_the_callers_name(http, keys, services):
    entries = services.store.log("p")
    assert (entries[0].verb, entries[0].actor) == ("project.create", "admin")
