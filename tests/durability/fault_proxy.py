"""A proxy that fails between a client and a server as networks and other proxies do, by a seeded plan."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LOST_BEFORE = ("reset before", "502 before", "503 before")
"""The request does not reach the server."""

LOST_AFTER = ("reset after", "reset within", "truncated", "truncated unframed", "502 after", "503 after")
"""The server does what was asked, and the client does not hear of it."""

FAULTS = (*LOST_BEFORE, *LOST_AFTER)


class Plan:
    """Says what happens to each request that passes, and counts it.

    Args:
        seed: the same seed gives the same row of fates.
        rate: the share of requests that fail.
        faults: how; each as often as the others.
        delay: seconds that a request is held back at most, whatever becomes of it.
    """

    def __init__(
        self, seed: int, *, rate: float, faults: tuple[str, ...] = FAULTS, delay: float = 0.02
    ) -> None:
        self.happened: Counter[str] = Counter()
        self.seen: Counter[tuple[str, str, str]] = Counter()
        self._rng = random.Random(seed)
        self._rate, self._faults, self._delay = rate, faults, delay
        self._lock = threading.Lock()

    def fate(self, method: str, path: str, key: str) -> tuple[str, float]:
        """What becomes of this request, and the seconds that it is held back."""
        with self._lock:
            failing, fault = self._rng.random() < self._rate, self._rng.choice(self._faults)
            delay = self._rng.uniform(0, self._delay)
            found = fault if failing else "passed"
            self.happened[found] += 1
            if key:
                self.seen[method, path, key] += 1
            return found, delay

    def calm(self) -> None:
        """Let everything pass from now on."""
        with self._lock:
            self._rate = 0.0

    @property
    def repeated(self) -> int:
        """Requests that came again under the same idempotency key."""
        return sum(count - 1 for count in self.seen.values())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = self.headers.get("Idempotency-Key", "")
        fault, delay = self.server.plan.fate(self.command, self.path, key)
        time.sleep(delay)
        if fault in LOST_BEFORE:
            self._fail(fault, 0, b"")
            return
        status, headers, body = self._forward(content)
        if fault == "passed":
            self._send(status, {**headers, "Content-Length": str(len(body))}, body)
        elif fault == "truncated unframed":
            self._send(status, {**headers, "Connection": "close"}, body[: len(body) // 2])
            self.close_connection = True
        else:
            self._fail(fault, status, body)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _forward(self, content: bytes) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection(*self.server.target, timeout=60)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, content or None, kept)
            response = connection.getresponse()
            passed = ("content-type", "location", "etag", "retry-after")
            headers = {name: value for name, value in response.getheaders() if name.lower() in passed}
            return response.status, headers, response.read()
        finally:
            connection.close()

    def _fail(self, fault: str, status: int, body: bytes) -> None:
        if fault.startswith(("502", "503")):
            text = b"<html>Bad Gateway</html>"
            self._send(int(fault[:3]), {"Content-Type": "text/html", "Content-Length": str(len(text))}, text)
            return
        if fault in ("reset within", "truncated"):
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body) + 1)}
            self._send(status, headers, body[: len(body) // 2])
        if fault.startswith("reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        lines = [f"HTTP/1.1 {status} {http.client.responses[status]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str, plan: Plan) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 80)
        self.plan = plan
        super().__init__(("127.0.0.1", 0), _Handler)

    def shutdown_request(self, request: Any) -> None:
        """Close without an orderly end, which would come before a reset."""
        self.close_request(request)

    def handle_error(self, *_: object) -> None:
        """A client that has gone is no news here."""


@contextmanager
def faulty(target: str, plan: Plan) -> Iterator[str]:
    """The address of a proxy before the server at ``target``."""
    listener = _Listener(target, plan)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_address[1]}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
