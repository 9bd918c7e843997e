"""A real HTTP server on a real socket that behaves as badly as it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence

Behaviour = Callable[[socket.socket, threading.Event], bool]
"""Answers one request; True if the connection may serve another."""


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"

    def behave(sock: socket.socket, stop: threading.Event) -> bool:
        sock.sendall(head + body)
        return True

    return behave


def redirect(location: str) -> Behaviour:
    return answer(status="302 Found", Location=location)


def raw(data: bytes) -> Behaviour:
    """Send just these bytes and hang up."""

    def behave(sock: socket.socket, stop: threading.Event) -> bool:
        sock.sendall(data)
        return False

    return behave


def truncated(body: bytes, announced: int) -> Behaviour:
    return raw(f"HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n".encode() + body)


def hang(sock: socket.socket, stop: threading.Event) -> bool:
    stop.wait(30)
    return False


def reset(sock: socket.socket, stop: threading.Event) -> bool:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def drip(head: bytes, piece: bytes, pause: float = 0.05) -> Behaviour:
    """Send a little now and then, forever."""

    def behave(sock: socket.socket, stop: threading.Event) -> bool:
        with contextlib.suppress(OSError):
            sock.sendall(head)
            while not stop.wait(pause):
                sock.sendall(piece)
        return False

    return behave


def endless(sock: socket.socket, stop: threading.Event) -> bool:
    """A body without end and without announced length."""
    with contextlib.suppress(OSError):
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not stop.is_set():
            sock.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    return False


class ScriptedServer:
    """Answers each path as ``routes`` says; a list is used up one request at a time, its last for ever."""

    def __init__(self, routes: dict[str, Behaviour | Sequence[Behaviour]], tls: ssl.SSLContext | None = None):
        self.routes = routes
        self.requests: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._stop = threading.Event()
        self._counts: dict[str, int] = {}
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection, as a server does with idle ones."""
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
            self._answer_all(sock)
        except OSError:
            pass
        finally:
            sock.close()

    def _answer_all(self, sock: socket.socket) -> None:
        waiting = b""
        while True:
            while b"\r\n\r\n" not in waiting:
                data = sock.recv(65536)
                if not data:
                    return
                waiting += data
            request, _, waiting = waiting.partition(b"\r\n\r\n")
            self.requests.append(request)
            if not self._behaviour(request)(sock, self._stop):
                return

    def _behaviour(self, request: bytes) -> Behaviour:
        path = request.split(b" ")[1].decode().partition("?")[0]
        found = self.routes.get(path, answer(b"no such path", "404 Not Found"))
        if callable(found):
            return found
        count = self._counts.get(path, 0)
        self._counts[path] = count + 1
        return found[min(count, len(found) - 1)]


@contextlib.contextmanager
def serving(
    routes: dict[str, Behaviour | Sequence[Behaviour]], tls: ssl.SSLContext | None = None
) -> Iterator[ScriptedServer]:
    server = ScriptedServer(routes, tls)
    try:
        yield server
    finally:
        server.close()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False
