"""A real server of /v1/embeddings: a text's vector counts its letters a to d."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


def vector(text: str) -> np.ndarray:
    return np.array([text.count(letter) for letter in "abcd"], dtype=np.float32) + 1 / 3


@dataclass
class Behaviour:
    """``troubles`` happen to one call each."""

    path: str = "/v1/embeddings"
    base64: bool = True
    most: int | None = None
    turned: bool = False
    troubles: list[Callable] = field(default_factory=list)
    seen: list[dict] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, *args) -> None:
        pass

    def say(self, status: int, said: object, **headers: object) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        here = self.behaviour
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        here.seen.append(said)
        if here.troubles:
            here.troubles.pop(0)(self)
        elif self.path != here.path or said["model"] != "letters":
            self.say(404, {"error": {"message": f"no {said['model']} at {self.path}", "code": 404}})
        elif here.most is not None and len(said["input"]) > here.most:
            told = f"batch size {len(said['input'])} > maximum allowed batch size {here.most}"
            self.say(413, {"error": told, "error_type": "Validation"})
        elif said.get("encoding_format") == "base64" and not here.base64:
            self.say(422, {"detail": [{"loc": ["encoding_format"], "msg": "only float"}]})
        else:
            self.say(200, {"object": "list", "data": self.data(said)})

    def data(self, said: dict) -> list[dict]:
        entries = []
        for place, text in enumerate(said["input"]):
            values = vector(text)
            packed = said.get("encoding_format") == "base64"
            embedding = base64.b64encode(values.tobytes()).decode() if packed else values.tolist()
            entries.append({"object": "embedding", "index": place, "embedding": embedding})
        return entries[::-1] if self.behaviour.turned else entries


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"behaviour": behaviour}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
