"""A real server of the Open Inference Protocol v2 over HTTP, and as bad a one as a test asks for."""

from __future__ import annotations

import contextlib
import json
import math
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

DTYPES = {"FP32": "<f4", "FP16": "<f2", "UINT8": "u1", "INT64": "<i8", "BF16": "<u2", "FP64": "<f8"}


@dataclass
class Tensor:
    name: str
    datatype: str
    shape: list[int]
    data: object = None


@dataclass
class Behaviour:
    """How the server is; ``troubles`` happen to one inference each, first come first served."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    compute: Callable[[dict], dict]
    binary: bool = True
    describes: bool = True
    most: int | None = None
    token: str | None = None
    troubles: list[Callable[[Handler], None]] = field(default_factory=list)
    unready: int = 0
    seen: list[dict] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    pause: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, *args) -> None:
        pass

    def reply(self, status: int, body: bytes, **headers: object) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def say(self, status: int, **fields: object) -> None:
        self.reply(status, json.dumps(fields).encode())

    def allowed(self) -> bool:
        token = self.behaviour.token
        if token is None or self.headers.get("Authorization") == f"Bearer {token}":
            return True
        self.say(401, error="who are you")
        return False

    def do_GET(self) -> None:
        here = self.behaviour
        if not self.allowed():
            return
        parts = self.path.strip("/").split("/")
        if parts[:2] != ["v2", "models"] or parts[2] != "small":
            self.say(404, error=f"unknown model: {self.path}")
        elif parts[-1] == "ready":
            here.unready -= 1
            self.say(503 if here.unready >= 0 else 200, name="small", ready=here.unready < 0)
        elif not here.describes:
            self.say(200, name="small", platform="", versions=[], inputs=[], outputs=[])
        else:
            told = [
                [{"name": t.name, "datatype": t.datatype, "shape": t.shape} for t in group]
                for group in (here.inputs, here.outputs)
            ]
            self.say(200, name="small", platform="numpy", versions=["3"], inputs=told[0], outputs=told[1])

    def do_POST(self) -> None:
        here = self.behaviour
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.allowed():
            return
        if "/models/small" not in self.path or not self.path.endswith("/infer"):
            self.say(404, error=f"unknown model: {self.path}")
            return
        with here.lock:
            trouble = here.troubles.pop(0) if here.troubles else None
            here.at_once += 1
            here.most_at_once = max(here.most_at_once, here.at_once)
        try:
            time.sleep(here.pause)
            if trouble is not None:
                trouble(self)
            else:
                self.infer(body)
        finally:
            with here.lock:
                here.at_once -= 1

    def infer(self, body: bytes) -> None:
        here = self.behaviour
        length = int(self.headers.get("Inference-Header-Content-Length", len(body)))
        said, rest = json.loads(body[:length]), body[length:]
        here.seen.append(said)
        arrays = {}
        for tensor in said["inputs"]:
            size = tensor.get("parameters", {}).get("binary_data_size")
            content = rest[:size] if size is not None else None
            rest = rest[size or 0 :]
            arrays[tensor["name"]] = read(tensor, content)
        for wanted in here.inputs:
            got = arrays.get(wanted.name)
            if got is None or list(got.shape[1:]) != wanted.shape[1:]:
                self.say(400, error=f"unexpected shape for {wanted.name!r}")
                return
            if wanted.shape[0] > 0 and wanted.shape[0] != len(got):
                self.say(400, error="the batch is fixed")
                return
        count = len(next(iter(arrays.values())))
        here.batches.append(count)
        if here.most is not None and count > here.most:
            self.say(400, error=f"inference request batch-size must be <= {here.most} for 'small'")
            return
        self.answer(said, here.compute(arrays))

    def answer(self, said: dict, found: dict) -> None:
        here = self.behaviour
        pieces, outputs = [], []
        wanted = [output["name"] for output in said.get("outputs", [])] or list(found)
        for spec in here.outputs:
            if spec.name not in wanted:
                continue
            array = np.asarray(found[spec.name])
            entry = {"name": spec.name, "datatype": spec.datatype, "shape": list(array.shape)}
            if here.binary:
                pieces.append(written(spec.datatype, array))
                entry["parameters"] = {"binary_data_size": len(pieces[-1])}
            else:
                entry["data"] = array.reshape(-1).tolist()
            outputs.append(entry)
        head = json.dumps({"model_name": "small", "outputs": outputs}).encode()
        if here.binary:
            self.reply(200, head + b"".join(pieces), Inference_Header_Content_Length=len(head))
        else:
            self.reply(200, head)


def read(tensor: dict, content: bytes | None) -> np.ndarray:
    shape, datatype = tensor["shape"], tensor["datatype"]
    if datatype == "BYTES":
        texts, at = [], 0
        while content is not None and at < len(content):
            (length,) = struct.unpack_from("<I", content, at)
            texts.append(content[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return np.array(tensor["data"] if content is None else texts, dtype=object).reshape(shape)
    if content is None:
        return np.array(tensor["data"], dtype="<f4" if datatype == "BF16" else DTYPES[datatype]).reshape(
            shape
        )
    assert len(content) == math.prod(shape) * np.dtype(DTYPES[datatype]).itemsize
    array = np.frombuffer(content, DTYPES[datatype]).reshape(shape)
    return (array.astype(np.uint32) << 16).view(np.float32) if datatype == "BF16" else array


def written(datatype: str, array: np.ndarray) -> bytes:
    if datatype == "BYTES":
        parts = [str(text).encode() for text in array.reshape(-1)]
        return b"".join(struct.pack("<I", len(part)) + part for part in parts)
    if datatype == "BF16":
        return (array.astype(np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
    return array.astype(DTYPES[datatype]).tobytes()


def images(**how) -> Behaviour:
    """The model of the contract suite."""
    weight = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1

    def compute(arrays: dict) -> dict:
        features = arrays["images"].astype(np.float32).mean(axis=(2, 3))
        return {"features": features, "logits": features @ weight}

    first = how.pop("fixed", -1)
    return Behaviour(
        inputs=[Tensor("images", how.pop("takes", "FP32"), [first, 3, 8, 8])],
        outputs=[
            Tensor("features", how.pop("gives", "FP32"), [first, 3]),
            Tensor("logits", "FP32", [first, 3]),
        ],
        compute=compute,
        **how,
    )


@contextlib.contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"behaviour": behaviour}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
