"""Web pages that a person has open must not reach the server."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8081", "localhost", "LOCALHOST:1", "[::1]:8081", "0.0.0.0:8081", "a.localhost"]
)
def test_addresses_and_localhost_are_let_in(http, host):
    assert http.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", ""]
)
def test_a_foreign_name_that_points_here_is_refused(http, host):
    answer = http.get("/v1/jobs", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert "Host header" in answer.json()["detail"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize("path", ["/v1/select", "/post", "/v1/jobs/x/cancel"])
def test_a_foreign_page_cannot_post(http, origin, path):
    answer = http.post(path, json={}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


def test_a_page_of_the_server_itself_may_post(http, server):
    answer = http.post("/v1/jobs/x/cancel", headers={"Origin": server.url})
    assert answer.json()["code"] == "job-not-found"


def test_no_page_is_allowed_to_read_across_origins(http):
    answer = http.get("/v1/jobs", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
