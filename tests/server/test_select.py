"""Selections over the wire, from the request to the result."""

from __future__ import annotations

import base64

import httpx2
import pytest

from alaas.config import Config
from alaas.server import Server

from .conftest import ended, texts, write_pixels


def test_a_selection_is_a_job(http):
    answer = http.post("/v1/select", json={"items": texts(5), "budget": 2, "seed": 3})
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert job["state"] in ("queued", "running", "succeeded")
    assert ended(http, job["id"])["state"] == "succeeded"
    result = http.get(job["links"]["result"]).json()
    assert set(result) == {"selected", "failed", "stats", "warnings", "provenance"}
    assert [chosen["rank"] for chosen in result["selected"]] == [0, 1]
    assert len({chosen["id"] for chosen in result["selected"]} & {f"t{n}" for n in range(5)}) == 2
    assert result["stats"]["items"] == 5
    assert result["provenance"]["seed"] == 3


def test_the_same_seed_gives_the_same_choice(http):
    def choose(seed):
        job = http.post("/v1/select", json={"items": texts(30), "budget": 10, "seed": seed}).json()
        ended(http, job["id"])
        return [chosen["id"] for chosen in http.get(job["links"]["result"]).json()["selected"]]

    assert choose(1) == choose(1)
    assert choose(1) != choose(2)


def test_a_budget_beyond_the_pool_gives_all_with_a_warning(http):
    job = http.post("/v1/select", json={"items": texts(3), "budget": 9}).json()
    ended(http, job["id"])
    result = http.get(job["links"]["result"]).json()
    assert sorted(chosen["id"] for chosen in result["selected"]) == ["t0", "t1", "t2"]
    assert "larger than the pool" in result["warnings"][0]


def test_uploaded_images_with_a_broken_one(http, tmp_path):
    blobs = [base64.b64encode(path.read_bytes()).decode() for path in write_pixels(tmp_path, 4)]
    items = [{"id": str(n), "blob": blob} for n, blob in enumerate(blobs)]
    items.append({"id": "broken", "blob": base64.b64encode(b"\xff\xd8\xff not a picture").decode()})
    job = http.post("/v1/select", json={"items": items, "budget": 5}).json()
    ended(http, job["id"])
    result = http.get(job["links"]["result"]).json()
    assert sorted(chosen["id"] for chosen in result["selected"]) == ["0", "1", "2", "3"]
    assert [failed["id"] for failed in result["failed"]] == ["broken"]


def test_the_servers_own_source_needs_no_source_in_the_request(tmp_path):
    write_pixels(tmp_path / "pool", 6)
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "source": str(tmp_path / "pool"),
        "strategy": "random",
        "budget": 2,
        "cache": {"directory": str(tmp_path / "cache")},
    }
    with Server(Config.model_validate(settings)) as server, httpx2.Client(base_url=server.url) as http:
        job = http.post("/v1/select", json={}).json()
        assert ended(http, job["id"])["state"] == "succeeded"
        assert len(http.get(job["links"]["result"]).json()["selected"]) == 2
        named = http.post("/v1/select", json={"source": str(tmp_path / "pool"), "budget": 3}).json()
        assert ended(http, named["id"])["state"] == "succeeded"


def test_a_server_of_an_image_model_takes_texts_and_rows_too(tmp_path):
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "model": "efficientnet-lite0",
        "modality": "image",
        "strategy": "random",
    }
    config = Config.model_validate({**settings, "cache": {"directory": str(tmp_path / "cache")}})
    rows = [{"row": {"x": float(n)}} for n in range(3)]
    image = [{"blob": base64.b64encode(path.read_bytes()).decode()} for path in write_pixels(tmp_path, 2)]
    with Server(config) as server, httpx2.Client(base_url=server.url, timeout=20) as http:
        for items in (texts(3), rows, image):
            job = http.post("/v1/select", json={"items": items, "budget": 2}).json()
            assert ended(http, job["id"])["state"] == "succeeded"
        mismatch = http.post(
            "/v1/select", json={"items": rows, "budget": 2, "model": "efficientnet-lite0"}
        ).json()
        assert "carries" in ended(http, mismatch["id"])["error"]["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"budget": 0}, 422, "usage", "budget"),
        ({"budget": -5}, 422, "usage", "got -5"),
        ({"budget": "ten"}, 422, "usage", "got 'ten'"),
        ({"budgte": 3}, 422, "usage", "did you mean 'budget'"),
        (
            {"items": [{"text": "a", "txt": 1}]},
            422,
            "usage",
            "items[0].txt: unknown key; did you mean 'text'",
        ),
        ({"items": [{"text": "a", "uri": "b"}]}, 422, "usage", "got uri and text"),
        ({"strategy": "margn"}, 422, "unknown-name", "did you mean 'margin'"),
        ({"strategy": {"name": "random", "parameters": {"k": 1}}}, 422, "config", "'k'"),
        ({"model": "efficientnet-lite"}, 422, "unknown-name", "efficientnet-lite0"),
        ({"model": "/etc/model.onnx"}, 422, "usage", "model.name"),
        ({"model": "hf:someone/something"}, 422, "usage", "model.name"),
        ({"items": texts(51)}, 413, "limit", "51 items, 50 are allowed"),
        ({"source": [f"{n}.png" for n in range(51)], "items": None}, 413, "limit", "51 items"),
        ({"items": None}, 422, "source", "no items"),
        ({"budget": None}, 422, "config", "no budget"),
    ],
)
def test_a_bad_request_is_refused_at_once_in_one_sentence(http, body, status, code, words):
    answer = http.post("/v1/select", json={"items": texts(3), "budget": 1, **body})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert words in problem["detail"]


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "../../../../etc/passwd",
        "file:///tmp/../etc/passwd",
        "file:///%2e%2e/etc/passwd",
        "http://10.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/a.png",
        "http://[::1]:1/a.png",
    ],
)
def test_what_is_not_opened_is_a_reported_item(http, uri):
    body = {"items": [{"uri": uri}], "budget": 1, "modality": "text"}
    answer = http.post("/v1/select", json=body)
    if answer.status_code == 202:
        job = ended(http, answer.json()["id"])
        assert job["state"] == "failed"
        assert 400 <= job["error"]["status"] < 500
        assert "root:" not in str(job)
    else:
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "source", ["/etc", "file:///etc", "/etc/passwd", "../../../../../../etc", "http://127.0.0.1:1/x.csv"]
)
def test_a_source_that_is_not_opened_fails_the_job(http, source):
    job = http.post("/v1/select", json={"source": source, "budget": 1, "modality": "text"}).json()
    job = ended(http, job["id"])
    assert job["state"] == "failed"
    assert 400 <= job["error"]["status"] < 500


def test_one_item_that_is_not_opened_does_not_sink_the_others(http, tmp_path):
    blob = base64.b64encode(write_pixels(tmp_path, 1)[0].read_bytes()).decode()
    items = [{"id": "good", "blob": blob}, {"id": "bad", "uri": "file:///etc/passwd"}]
    job = http.post("/v1/select", json={"items": items, "budget": 2}).json()
    assert ended(http, job["id"])["state"] == "succeeded"
    result = http.get(job["links"]["result"]).json()
    assert [chosen["id"] for chosen in result["selected"]] == ["good"]
    assert [failed["id"] for failed in result["failed"]] == ["bad"]
