"""The protocol over HTTP, with tensors as bytes behind the JSON (the binary tensor data extension).

Reference: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.egress import Answer
from alaas.engines._base import Batch, TensorSpec
from alaas.engines._open_inference._datatypes import fitted, from_bytes, from_list, to_bytes, to_list
from alaas.engines._open_inference._transport import Description, Transport, complete, spec
from alaas.engines._serving import (
    AbsentError,
    HttpServer,
    PassingError,
    RefusedError,
    ServerAddress,
    parameters,
    patiently,
)
from alaas.errors import ModelError, ModelUnavailableError

_LENGTH = "Inference-Header-Content-Length"


class Rest(Transport):
    """A model behind ``v2/models/NAME``.

    Args:
        address: the server, with whatever stands before ``v2``.
        settings: model, version, binary and how to call.
    """

    def __init__(self, address: ServerAddress, settings: EngineSettings) -> None:
        self._settings = settings
        self._server = HttpServer(address, settings, model=settings.model or "")
        self._binary = settings.binary
        self._took_bytes = False
        path = "" if address.path.endswith("/v2") else "/v2"
        self._path = f"{path}/models/{quote(settings.model or '', safe='')}"
        if settings.version:
            self._path += f"/versions/{quote(settings.version, safe='')}"
        self._parameters = parameters(settings)
        self._name = f"the server {address} (model {settings.model!r})"

    def describe(self) -> Description:
        answer = self._server.get(self._path)
        try:
            said = json.loads(answer.content)
            return Description(
                inputs=_specs(said.get("inputs")),
                outputs=_specs(said.get("outputs")),
                platform=str(said.get("platform") or ""),
                versions=tuple(str(version) for version in said.get("versions") or ()),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelUnavailableError(
                f"{self._name} does not speak the Open Inference Protocol v2 at {self._path}: it answered "
                f"{bytes(answer.content[:80])!r}"
            ) from error

    def await_ready(self) -> None:
        patiently(self._ready, retries=self._settings.retries, who=self._name)

    def _ready(self) -> None:
        try:
            answer = self._server.get(f"{self._path}/ready")
        except RefusedError as error:
            raise PassingError(f"it is not ready: {error.message}") from error
        except AbsentError:  # many servers have no such path; the first batch will show
            return
        if b'"ready":false' in bytes(answer.content[:1000]).replace(b" ", b""):
            raise PassingError("it is not ready")

    def infer(self, batch: Batch, inputs: Sequence[TensorSpec], outputs: Sequence[str]) -> Batch:
        pieces: list[memoryview] = []
        tensors = [self._tensor(wanted, batch[wanted.name], pieces) for wanted in inputs]
        said: dict[str, Any] = {"inputs": tensors, "outputs": [{"name": name} for name in outputs]}
        wishes = dict(self._parameters)
        headers = {"Content-Type": "application/json"}
        if self._binary:
            wishes["binary_data_output"] = True
            for output in said["outputs"]:  # some servers follow the one wish, some the other
                output["parameters"] = {"binary_data": True}
        if wishes:
            said["parameters"] = wishes
        head = json.dumps(said, separators=(",", ":")).encode()
        if self._binary:
            headers = {"Content-Type": "application/octet-stream", _LENGTH: str(len(head))}
        try:
            answer = self._server.post(f"{self._path}/infer", [memoryview(head), *pieces], headers)
        except RefusedError as error:
            if not self._binary or self._took_bytes:
                raise
            hint = "if it does not take tensors as bytes, set model.engine.binary: false"
            raise RefusedError(f"{error.message}; {hint}", status=error.status, said=error.said) from error
        self._took_bytes = self._binary
        return complete(self._read(answer), outputs, self._name)

    def _tensor(self, wanted: TensorSpec, array: NDArray[Any], pieces: list[memoryview]) -> dict[str, Any]:
        datatype, values = fitted(array, wanted.dtype)
        tensor: dict[str, Any] = {"name": wanted.name, "shape": list(values.shape), "datatype": datatype}
        if self._binary:
            pieces.append(to_bytes(datatype, values))
            tensor["parameters"] = {"binary_data_size": pieces[-1].nbytes}
        else:
            tensor["data"] = to_list(datatype, values)
        return tensor

    def _read(self, answer: Answer) -> Mapping[str, NDArray[Any]]:
        """The outputs in an answer: bytes behind JSON where a header says so, else JSON alone."""
        content = memoryview(answer.content)
        try:
            length = int(answer.headers.get(_LENGTH.lower(), len(content)))
            said = json.loads(bytes(content[:length]))
            rest = content[length:]
            found = {}
            for output in said["outputs"]:
                name, datatype, shape = output["name"], output["datatype"], output["shape"]
                size = (output.get("parameters") or {}).get("binary_data_size")
                if size is None:
                    found[name] = from_list(datatype, shape, output["data"])
                    continue
                found[name] = from_bytes(datatype, shape, rest[:size])
                rest = rest[size:]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(
                f"{self._name} answered what is no result of the Open Inference Protocol v2: "
                f"{type(error).__name__}: {error}; its answer begins {bytes(content[:80])!r}"
            ) from error
        except ModelError as error:
            raise ModelError(f"{self._name}: {error.message}") from error
        return found


def _specs(said: Any) -> tuple[TensorSpec, ...]:
    return tuple(spec(t["name"], t["datatype"], [int(size) for size in t["shape"]]) for t in said or ())
