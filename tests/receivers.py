"""A receiver of webhooks on a real socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alaas.config import WebhookSettings

SECRET = "a secret of the receiver"


class Receiver:
    """Takes deliveries and answers with the next of ``statuses``, the last one for ever."""

    def __init__(self, *statuses: int, pause: float = 0.0, headers: dict[str, str] | None = None) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses = list(statuses or (200,))
        self.pause = pause
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers.items()), body))
                time.sleep(outer.pause)
                place = min(len(outer.got), len(outer.statuses)) - 1
                self.send_response(outer.statuses[place])
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?token=hidden"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def told(self) -> list[dict]:
        """The events, as JSON."""
        return [json.loads(body) for _, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def settings(self, **more) -> WebhookSettings:
        return WebhookSettings(url=self.url, secret=SECRET, **more)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receivers() -> Iterator[Callable[..., Receiver]]:
    """Makes receivers, and closes them at the end."""
    opened: list[Receiver] = []

    def make(*statuses: int, **more) -> Receiver:
        opened.append(Receiver(*statuses, **more))
        return opened[-1]

    try:
        yield make
    finally:
        for receiver in opened:
            receiver.close()


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.005)
