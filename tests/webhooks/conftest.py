"""A receiver on a real socket, and webhooks on a store in memory."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from alaas.config import EgressSettings, WebhookSettings
from alaas.jobs import DurableJobs
from alaas.stores import Store
from alaas.stores.memory import Memory
from alaas.webhooks import Patience, Webhooks

SECRET = "a secret of the receiver"

HASTY = Patience(answer=1.0, first=0.02, most=0.1, look=0.01, write=0.05)


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


@pytest.fixture
def receiving() -> Iterator[Callable[..., Receiver]]:
    opened: list[Receiver] = []

    def make(*statuses: int, **more) -> Receiver:
        opened.append(Receiver(*statuses, **more))
        return opened[-1]

    yield make
    for receiver in opened:
        receiver.close()


@pytest.fixture
def store() -> Iterator[Store]:
    with Memory() as memory:
        yield memory


@contextmanager
def telling(store: Store, *settings: WebhookSettings, patience: Patience = HASTY, **more):
    """Webhooks that are at work: whatever is written from here on, is told."""
    webhooks = Webhooks(
        settings,
        store,
        EgressSettings(),
        lambda handlers, workers: DurableJobs(handlers, store.jobs, workers=workers),
        patience=patience,
        rng=np.random.default_rng(0),
        **more,
    )
    try:
        wait_until(lambda: len(store.jobs.running()) >= len(settings))
        yield webhooks
    finally:
        webhooks.close()


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.005)
