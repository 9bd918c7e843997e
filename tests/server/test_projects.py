"""Projects over HTTP: making, reading, changing and deleting them."""

from __future__ import annotations

import itertools

import pytest

from rows import definition

_numbers = itertools.count()


@pytest.fixture
def name(http):
    """A project of its own for each test."""
    chosen = f"project-{next(_numbers)}"
    assert http.post("/v1/projects", json=definition(chosen)).status_code == 201
    return chosen


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_new_project_tells_where_and_what_it_is(http):
    answer = http.post("/v1/projects", json=definition("fresh", budget=7))
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/projects/fresh"
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["definition"]["budget"] == 7
    assert http.get("/v1/projects/fresh").json() == answer.json()


def test_what_is_left_out_comes_from_the_server(http):
    made = http.post("/v1/projects", json={"name": "bare"}).json()
    assert made["definition"]["strategy"] == {"name": "random", "parameters": {}}


def test_a_name_is_taken_once(http, name):
    assert problem(http.post("/v1/projects", json=definition(name))) == (409, "project-conflict")


def test_making_the_same_again_under_its_key_gives_the_project(http):
    said, key = definition("again"), {"Idempotency-Key": "monday"}
    made = http.post("/v1/projects", json=said, headers=key)
    assert made.status_code == 201
    http.patch("/v1/projects/again", json={"budget": 5}, headers={"If-Match": "*"})
    again = http.post("/v1/projects", json=said, headers=key)
    assert (again.status_code, again.json()["version"]) == (201, 2)
    for other, shown in (
        (said, {"Idempotency-Key": "tuesday"}),
        (said, {}),
        ({**said, "budget": 9}, key),
    ):
        answer = http.post("/v1/projects", json=other, headers=shown)
        assert problem(answer) == (409, "project-conflict")


@pytest.mark.parametrize("bad", ["", "a b", "../x", "-x", "ü", "x" * 101, 3, None])
def test_a_name_must_do_in_an_address(http, bad):
    assert problem(http.post("/v1/projects", json={"name": bad})) == (422, "usage")


@pytest.mark.parametrize(
    ("wrong", "code", "sentence"),
    [
        ({"strategy": "margn"}, "unknown-name", "margin"),
        ({"model": "/etc/passwd.onnx"}, "usage", "GET /v1/models only"),
        ({"model": "hf:someone/else"}, "usage", "GET /v1/models only"),
        ({"learner": "os:system"}, "config", "only the server's own configuration"),
        ({"learner": {"name": "linear", "parameters": {"x": 1}}}, "config", "no parameter 'x'"),
        ({"learner": "linaer"}, "unknown-name", "linear"),
        ({"task": {"kind": "multi-class", "clases": []}}, "usage", "did you mean 'classes'"),
        ({"labelling": {"annotators": 0}}, "usage", "labelling.annotators"),
        ({"server": {"port": 1}}, "usage", "unknown key"),
        ({"store": "memory:"}, "usage", "unknown key"),
    ],
)
def test_what_a_client_may_not_say_is_refused_with_the_way_out(http, wrong, code, sentence):
    answer = http.post("/v1/projects", json=definition("never", **wrong))
    assert problem(answer) == (422, code)
    assert sentence in answer.json()["detail"]
    assert problem(http.get("/v1/projects/never")) == (404, "project-not-found")


def test_the_list_comes_in_pages(http):
    wanted = [f"page-{letter}" for letter in "abcde"]
    for one in wanted:
        http.post("/v1/projects", json=definition(one))
    found, after = [], "page-"
    while after is not None:
        page = http.get("/v1/projects", params={"limit": 2, "after": after}).json()
        assert len(page["projects"]) <= 2
        found += [project["name"] for project in page["projects"]]
        after = page["next"]
    assert [one for one in found if one.startswith("page-")] == wanted


def test_a_version_that_is_known_is_not_sent_again(http, name):
    tag = http.get(f"/v1/projects/{name}").headers["etag"]
    again = http.get(f"/v1/projects/{name}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert http.get(f"/v1/projects/{name}", headers={"If-None-Match": f'W/{tag}, "9"'}).status_code == 304
    assert http.get(f"/v1/projects/{name}", headers={"If-None-Match": '"9"'}).status_code == 200


def test_a_change_needs_the_version_that_it_is_made_to(http, name):
    address, change = f"/v1/projects/{name}", {"budget": 5}
    assert problem(http.patch(address, json=change)) == (428, "precondition-required")
    assert problem(http.patch(address, json=change, headers={"If-Match": '"2"'})) == (412, "version")
    done = http.patch(address, json=change, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert done.json()["definition"]["budget"] == 5
    assert done.json()["definition"]["strategy"]["name"] == "margin"
    assert problem(http.patch(address, json=change, headers={"If-Match": '"1"'})) == (412, "version")
    assert http.get(f"{address}/status").json()["budget"] == 5


def test_null_brings_back_the_default(http, name):
    address = f"/v1/projects/{name}"
    http.patch(address, json={"budget": 5}, headers={"If-Match": "*"})
    done = http.patch(address, json={"budget": None, "strategy": None}, headers={"If-Match": '"2"'})
    assert done.json()["definition"]["budget"] is None
    assert done.json()["definition"]["strategy"]["name"] == "random"


def test_what_makes_it_another_project_cannot_change(http, name):
    answer = http.patch(f"/v1/projects/{name}", json={"modality": "text"}, headers={"If-Match": '"1"'})
    assert problem(answer) == (409, "conflict")


def test_deleting_needs_the_version_and_leaves_nothing(http, name):
    address = f"/v1/projects/{name}"
    assert problem(http.delete(address)) == (428, "precondition-required")
    assert problem(http.delete(address, headers={"If-Match": '"7"'})) == (412, "version")
    assert http.delete(address, headers={"If-Match": '"1"'}).status_code == 204
    assert problem(http.get(f"{address}/status")) == (404, "project-not-found")
    assert problem(http.delete(address, headers={"If-Match": '"1"'})) == (404, "project-not-found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/status"),
        ("GET", "/items"),
        ("GET", "/batches"),
        ("GET", "/batches/b"),
        ("GET", "/batches/b/replay"),
        ("GET", "/labels"),
        ("GET", "/conflicts"),
        ("GET", "/rounds"),
        ("GET", "/rounds/1/model"),
        ("GET", "/metrics"),
        ("GET", "/export"),
        ("POST", "/batches"),
        ("POST", "/batches/b/release"),
        ("POST", "/labels"),
        ("POST", "/items"),
        ("POST", "/rounds"),
        ("POST", "/predict"),
        ("POST", "/export"),
    ],
)
def test_an_unknown_project_is_not_found_everywhere(http, method, path):
    body = {"json": {}} if method == "POST" else {}
    answer = http.request(method, f"/v1/projects/nowhere{path}", **body)
    assert problem(answer) == (404, "project-not-found")
