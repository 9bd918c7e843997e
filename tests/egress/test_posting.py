"""Sending to an address: one answer, no redirect, the same guard."""

from __future__ import annotations

import time

import pytest

from alaas.egress import Egress, Reply
from alaas.errors import EgressError, FetchError
from scripted_server import answer, hang, redirect, serving, truncated, unused_port


def test_the_body_and_the_headers_arrive(egress: Egress) -> None:
    with serving({"/hook": answer(b"thanks", Retry_After="7")}) as server:
        reply = egress.post(f"{server.url}/hook?a=1", b'{"a": 1}', headers={"webhook-id": "one"})
        assert reply == Reply(status=200, retry_after=7.0)
        assert server.requests[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
        assert b"webhook-id: one" in server.requests[0]
        assert b"Content-Length: 8\r\n" in server.requests[0]


def test_a_redirect_is_an_answer_and_is_not_followed(egress: Egress) -> None:
    with serving({"/hook": redirect("/inside"), "/inside": answer(b"secret")}) as server:
        assert egress.post(f"{server.url}/hook", b"{}", headers={}).status in (301, 302, 307, 308)
        assert len(server.requests) == 1


def test_an_address_that_is_not_open_is_refused(open_egress) -> None:
    with pytest.raises(EgressError, match="not a public address"):
        open_egress().post("http://127.0.0.1:9/hook", b"{}", headers={})


def test_a_server_that_never_answers_is_given_up(hasty: Egress) -> None:
    with serving({"/hook": hang}) as server:
        began = time.monotonic()
        with pytest.raises(FetchError, match="within"):
            hasty.post(f"{server.url}/hook", b"{}", headers={})
        assert time.monotonic() - began < 2


def test_nobody_there_is_a_passing_trouble(egress: Egress) -> None:
    with pytest.raises(FetchError) as caught:
        egress.post(f"http://127.0.0.1:{unused_port()}/", b"{}", headers={})
    assert caught.value.transient


def test_a_call_sends_pieces_with_their_length_and_brings_the_whole_answer(egress: Egress) -> None:
    pieces = [memoryview(b"head"), memoryview(bytes(3)), memoryview(b"")]
    routes = {"/infer": answer(b"result" * 1000, "400 Bad Request", X_Length="7", Retry_After="2")}
    with serving(routes) as server:
        found = egress.call(f"{server.url}/infer", pieces, headers={"a": "b"}, max_bytes=10_000)
        assert (found.status, found.reason, found.retry_after) == (400, "Bad Request", 2.0)
        assert found.headers["x-length"] == "7"
        assert found.content == b"result" * 1000
        assert server.requests[0].endswith(b"\r\nContent-Length: 7")
        assert server.requests[0].startswith(b"POST /infer ")


def test_a_call_without_content_is_a_get_on_a_kept_connection(egress: Egress) -> None:
    with serving({"/ready": answer(b"")}) as server:
        for _ in range(3):
            assert egress.call(f"{server.url}/ready", headers={}, max_bytes=10).content == b""
        assert server.connections == 1


def test_an_answer_beyond_the_cap_or_cut_off_is_refused(egress: Egress) -> None:
    with serving({"/long": answer(b"x" * 11), "/cut": truncated(b"x", 9)}) as server:
        with pytest.raises(FetchError, match="beyond the 10 bytes"):
            egress.call(f"{server.url}/long", headers={}, max_bytes=10)
        with pytest.raises(FetchError, match="broke off 8 bytes") as caught:
            egress.call(f"{server.url}/cut", headers={}, max_bytes=10)
        assert caught.value.transient


def test_a_call_has_its_own_time(egress: Egress) -> None:
    with serving({"/infer": hang}) as server, pytest.raises(FetchError, match=r"within 0\.2 s"):
        egress.call(f"{server.url}/infer", headers={}, max_bytes=10, timeout=0.2)
