"""Every error is a problem with a stable code."""

from __future__ import annotations

import http.client
import inspect
from http import HTTPStatus

import httpx2
import pytest
from fastapi import FastAPI

import alaas.errors
from alaas.server.errors import STATUS, install


def test_the_table_holds_every_code_and_no_other():
    codes = {
        cls.code
        for _, cls in inspect.getmembers(alaas.errors, inspect.isclass)
        if issubclass(cls, alaas.errors.AlaasError)
    }
    assert set(STATUS) == codes
    assert all(HTTPStatus(status).value >= 400 for status in STATUS.values())


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "words"),
    [
        ("GET", "/nowhere", 404, "not-found", "/openapi.json"),
        ("GET", "/v1/select", 405, "method-not-allowed", "it takes POST"),
        ("DELETE", "/v1/jobs", 405, "method-not-allowed", "it takes GET"),
        ("GET", "/v1/jobs?limit=0", 422, "usage", "limit"),
        ("GET", "/v1/jobs/none", 404, "job-not-found", "'none'"),
    ],
)
def test_problems_of_the_transport(http, method, path, status, code, words):
    answer = http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert words in problem["detail"]


def test_a_body_must_say_that_it_is_json(http):
    answer = http.post("/v1/select", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["code"] == "media-type"
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"budget": 1} trailing'])
def test_a_body_that_is_not_what_was_expected(http, content):
    answer = http.post("/v1/select", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "usage"


def test_a_body_that_claims_to_be_too_large_is_not_read(server):
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/v1/select")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"100000 bytes" in answer.read()
    connection.close()


def test_a_body_that_turns_out_too_large_is_cut_off(http):
    chunks = (b" " * 10_000 for _ in range(20))
    answer = http.post("/v1/select", content=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "limit"
    assert "limits.max_request_bytes" in answer.json()["detail"]


def test_a_body_of_the_largest_size_is_read(http):
    body = b'{"budget": "ten"}'
    content = body + b" " * (100_000 - len(body))
    answer = http.post("/v1/select", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_bug_is_a_problem_without_details():
    app = FastAPI()
    install(app)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret detail")

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/broken")

    import anyio

    answer = anyio.run(ask)
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
