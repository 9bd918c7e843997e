"""The calls of ALaaS 0.2, as its documentation has them."""

from __future__ import annotations

import base64
import json

import pytest

from .conftest import write_pixels


def test_texts_as_its_users_send_them(http):
    body = """{"data":[{"text": "one"}, {"text": "two"}, {"text": "three"}],
               "parameters": {"budget": 2}, "execEndpoint":"/query"}"""
    answer = http.post("/post", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    reply = answer.json()
    assert set(reply) == {"header", "parameters", "routes", "data"}
    assert reply["header"]["execEndpoint"] == "/query"
    assert reply["parameters"]["budget"] == 2
    chosen = [document["text"] for document in reply["data"]]
    assert len(chosen) == 2
    assert set(chosen) < {"one", "two", "three"}
    for document in reply["data"]:
        assert document["id"]
        assert document["uri"] is None
        assert document["blob"] is None
        assert document["tags"] is None


def test_images_as_its_users_send_them(http, tmp_path):
    blobs = [base64.b64encode(path.read_bytes()).decode() for path in write_pixels(tmp_path, 3)]
    documents = [{"id": f"mine-{n}", "blob": blob, "mime_type": "image"} for n, blob in enumerate(blobs)]
    body = {
        "data": {"docs": documents},
        "parameters": {"budget": 2, "n_drop": None},
        "execEndpoint": "/query",
    }
    reply = http.post("/post", json={**body, "targetExecutor": ""}).json()
    assert len(reply["data"]) == 2
    for document in reply["data"]:
        assert document["blob"] == blobs[int(document["id"].removeprefix("mine-"))]


def test_a_skipped_item_is_told_in_the_header(http, tmp_path):
    good = base64.b64encode(write_pixels(tmp_path, 1)[0].read_bytes()).decode()
    body = {"data": [{"blob": good}, {"uri": "file:///etc/passwd"}], "parameters": {"budget": 1}}
    reply = http.post("/post", json=body).json()
    assert [document["blob"] for document in reply["data"]] == [good]
    assert "file:///etc/passwd" in reply["header"]["status"]["description"]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"data": [{"uri": "file:///etc/passwd"}]}, 422, "none of the 1 items"),
        ({"data": []}, 422, "data"),
        ({"data": [{}]}, 422, "data[0]: an item has exactly one of uri, text, blob"),
        ({"parameters": {"budget": 0}}, 422, "budget"),
        ({"parameters": {"budget": "ten"}}, 422, "'ten'"),
        ({"parameters": {}}, 422, "no budget"),
        ({"parameters": {"budget": 1, "n_drop": 10}}, 422, "n_drop"),
        ({"execEndpoint": "/push"}, 422, "nothing has to be pushed"),
        ({"data": [{"text": str(n)} for n in range(51)]}, 413, "51 items"),
    ],
)
def test_an_error_is_an_error_and_never_the_whole_pool(http, change, status, words):
    body = {"data": [{"text": "a"}, {"text": "b"}], "parameters": {"budget": 1}, "execEndpoint": "/query"}
    answer = http.post("/post", json={**body, **change})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_a_client_that_hangs_up_stops_the_work(http, server, silent):
    import http.client as plain
    import time

    connection = plain.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    body = json.dumps({"data": [{"uri": f"{silent}/x.png"}], "parameters": {"budget": 1}})
    connection.request("POST", "/post", body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 5
    while http.get("/v1/jobs").json()["jobs"][0]["state"] != "running" and time.monotonic() < deadline:
        time.sleep(0.02)
    connection.close()
    while http.get("/v1/jobs").json()["jobs"][0]["state"] != "cancelled" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert http.get("/v1/jobs").json()["jobs"][0]["state"] == "cancelled"
