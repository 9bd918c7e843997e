"""Downloads from servers that behave, and from those that do not."""

from __future__ import annotations

import gzip
import io
import threading
import time
import zlib

import pytest

from alaas.egress import Egress
from alaas.errors import FetchError
from scripted_server import (
    answer,
    drip,
    endless,
    hang,
    raw,
    redirect,
    reset,
    serving,
    truncated,
    unused_port,
    wait_until,
)  # fmt: skip

CAP = 100_000


def failure(egress: Egress, url: str, max_bytes: int = CAP) -> FetchError:
    with pytest.raises(FetchError) as caught:
        egress.get(url, max_bytes=max_bytes)
    return caught.value


def test_one_connection_serves_one_request_after_another(egress: Egress) -> None:
    with serving({"/a": answer(b"a"), "/b": answer(b"b" * CAP), "/empty": answer()}) as server:
        for _ in range(5):
            assert egress.get(f"{server.url}/a", max_bytes=CAP) == b"a"
            assert egress.get(f"{server.url}/b?x=1#part", max_bytes=CAP) == b"b" * CAP
            assert egress.get(f"{server.url}/empty", max_bytes=CAP) == b""
        assert server.connections == 1
        assert server.requests[1].startswith(b"GET /b?x=1 HTTP/1.1\r\n")
        assert f"Host: 127.0.0.1:{server.port}".encode() in server.requests[0]
        assert b"Accept-Encoding: identity" in server.requests[0]


def test_many_threads_share_few_connections(egress: Egress) -> None:
    with serving({"/": answer(b"x" * 3000)}) as server:
        wrong = []

        def work() -> None:
            got = [egress.get(f"{server.url}/", max_bytes=CAP) for _ in range(10)]
            wrong.extend(content for content in got if content != b"x" * 3000)

        threads = [threading.Thread(target=work) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert len(server.requests) == 640
        assert server.connections <= 64


def test_a_connection_that_the_server_closed_is_not_used_again(egress: Egress) -> None:
    with serving({"/": answer(b"x")}) as server:
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"x"
        server.hang_up()
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"x"
        assert server.connections == 2


def test_a_connection_that_dies_under_a_request_is_replaced_once(egress: Egress) -> None:
    with serving({"/": [answer(b"x"), reset, answer(b"y")]}) as server:
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"x"
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"y"


def test_bytes_after_a_response_do_not_become_the_next_one(egress: Egress) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    routes = {"/a": raw(smuggled + b"true" + smuggled + b"fake"), "/b": answer(b"real")}
    with serving(routes) as server:
        assert egress.get(f"{server.url}/a", max_bytes=CAP) == b"true"
        assert egress.get(f"{server.url}/b", max_bytes=CAP) == b"real"


@pytest.mark.parametrize("path", ["/ä b.jpg", "/%C3%A4%20b.jpg"])
def test_paths_are_percent_encoded_once(path: str, egress: Egress) -> None:
    with serving({"/%C3%A4%20b.jpg": answer(b"x")}) as server:
        assert egress.get(server.url + path, max_bytes=CAP) == b"x"


@pytest.mark.parametrize(
    ("status", "transient"),
    [
        ("204 No Content", False), ("304 Not Modified", False), ("400 Bad Request", False),
        ("401 Unauthorized", False), ("403 Forbidden", False), ("404 Not Found", False), ("410 Gone", False),
        ("416 Range Not Satisfiable", False), ("501 Not Implemented", False), ("408 Request Timeout", True),
        ("425 Too Early", True), ("429 Too Many Requests", True), ("500 Oops", True), ("502 Bad", True),
        ("503 Busy", True), ("504 Gateway Timeout", True),
    ],
)  # fmt: skip
def test_what_a_status_means(status: str, transient: bool, egress: Egress) -> None:
    with serving({"/": answer(b"", status)}) as server:
        error = failure(egress, f"{server.url}/")
    assert error.transient is transient
    assert status[:3] in error.message


def test_500_then_200_works_on_the_next_try(egress: Egress) -> None:
    with serving({"/": [answer(b"oops", "500 Oops"), answer(b"fine")]}) as server:
        assert failure(egress, f"{server.url}/").transient
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"fine"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7", 7.0), ("0", 0.0), ("-3", 0.0), ("soon", None), ("nan", None), ("1e9", 3600.0)],
)
def test_retry_after_is_told(value: str, expected: float | None, egress: Egress) -> None:
    with serving({"/": answer(b"", "503 Busy", Retry_After=value)}) as server:
        assert failure(egress, f"{server.url}/").retry_after == expected


def test_retry_after_as_a_date(egress: Egress) -> None:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    with serving({"/": answer(b"", "429 Slow down", Retry_After=date)}) as server:
        assert failure(egress, f"{server.url}/").retry_after == pytest.approx(60, abs=5)


def test_a_host_that_refuses(egress: Egress) -> None:
    error = failure(egress, f"http://127.0.0.1:{unused_port()}/")
    assert error.transient
    assert "refused" in error.message


@pytest.mark.parametrize(
    "behaviour",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(b"", b"H"),
    ],
)
def test_a_host_that_hangs_or_drips_ends_at_the_deadline(behaviour, hasty: Egress) -> None:
    with serving({"/": behaviour}) as server:
        began = time.monotonic()
        error = failure(hasty, f"{server.url}/")
    assert time.monotonic() - began < 2
    assert error.transient


def test_redirects_share_one_deadline(hasty: Egress) -> None:
    with serving({"/": redirect("/slow"), "/slow": drip(b"HTTP/1.1 302 Found\r\n", b"X: 1\r\n")}) as server:
        began = time.monotonic()
        assert failure(hasty, f"{server.url}/").transient
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("behaviour", "transient"),
    [
        (reset, True),
        (raw(b""), True),
        (truncated(b"half", 8), True),
        (truncated(b"", 8), True),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"), True),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), False),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n"), False),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"), False),
    ],
)
def test_broken_answers(behaviour, transient: bool, egress: Egress) -> None:
    with serving({"/": behaviour}) as server:
        assert failure(egress, f"{server.url}/").transient is transient


def test_too_much_is_refused_before_and_while_it_is_read(egress: Egress) -> None:
    routes = {"/announced": answer(b"x" * 1001), "/streamed": endless, "/fits": answer(b"x" * 1000)}
    with serving(routes) as server:
        assert len(egress.get(f"{server.url}/fits", max_bytes=1000)) == 1000
        for path in ("/announced", "/streamed"):
            error = failure(egress, server.url + path, max_bytes=1000)
            assert not error.transient
            assert "max_item_bytes" in error.message


def test_what_is_encoded_although_it_should_not_be_is_decoded_under_the_cap(egress: Egress) -> None:
    routes = {
        "/gzip": answer(gzip.compress(b"hello"), Content_Encoding="gzip"),
        "/deflate": answer(zlib.compress(b"hello"), Content_Encoding="Deflate"),
        "/identity": answer(b"hello", Content_Encoding="identity"),
        "/bomb": answer(gzip.compress(bytes(5_000_000)), Content_Encoding="gzip"),
        "/broken": answer(b"hello", Content_Encoding="gzip"),
        "/cut": answer(gzip.compress(b"hello" * 1000)[:-9], Content_Encoding="gzip"),
        "/unknown": answer(b"hello", Content_Encoding="br"),
    }
    with serving(routes) as server:
        for path in ("/gzip", "/deflate", "/identity"):
            assert egress.get(server.url + path, max_bytes=30) == b"hello"
        assert "max_item_bytes" in failure(egress, f"{server.url}/bomb").message
        assert not failure(egress, f"{server.url}/broken").transient
        assert failure(egress, f"{server.url}/cut").transient
        assert "'br'" in failure(egress, f"{server.url}/unknown").message


def test_copy_writes_to_a_file(egress: Egress) -> None:
    with serving({"/": answer(b"x" * 3_000_000)}) as server:
        file = io.BytesIO()
        assert egress.copy(f"{server.url}/", file, max_bytes=4_000_000, timeout=5) == 3_000_000
        assert file.getvalue() == b"x" * 3_000_000


def test_close_breaks_off_what_is_in_progress(egress: Egress) -> None:
    with serving({"/": hang}) as server:
        caught = []

        def work() -> None:
            try:
                egress.get(f"{server.url}/", max_bytes=CAP)
            except FetchError as error:
                caught.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        assert wait_until(lambda: bool(server.requests))
        began = time.monotonic()
        egress.close()
        thread.join(timeout=5)
        assert time.monotonic() - began < 1
        assert len(caught) == 1
        assert "closed" in failure(egress, f"{server.url}/").message
