"""The protocol over gRPC; needs the ``grpc`` extra."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.engines._base import Batch, TensorSpec
from alaas.engines._open_inference._datatypes import fitted, from_bytes, from_list, to_bytes, to_list
from alaas.engines._open_inference._transport import Description, Transport, complete, spec
from alaas.engines._serving import (
    CERTIFICATES,
    AbsentError,
    PassingError,
    RefusedError,
    ServerAddress,
    parameters,
    patiently,
)
from alaas.errors import ConfigError, MissingExtraError, ModelError, ModelUnavailableError

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from alaas.engines._open_inference import open_inference_pb2 as messages

_PASSING = frozenset({"UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "ABORTED"})
_ABSENT = frozenset({"NOT_FOUND", "UNIMPLEMENTED"})
_CLOSED = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
_CONTENTS = {
    "BOOL": "bools", "INT8": "ints", "INT16": "ints", "INT32": "ints", "INT64": "int64s", "UINT8": "uints",
    "UINT16": "uints", "UINT32": "uints", "UINT64": "uint64s", "FP32": "floats", "FP64": "doubles",
    "BYTES": "bytes_values",
}  # fmt: skip


class Grpc(Transport):
    """A model behind ``inference.GRPCInferenceService``, over one channel.

    Args:
        address: the server; its path has no meaning.
        settings: model, version, binary and how to call.

    Raises:
        MissingExtraError: grpcio is not installed.
    """

    def __init__(self, address: ServerAddress, settings: EngineSettings) -> None:
        self._settings = settings
        self._name = f"the server {address.authority} (model {settings.model!r})"
        self._asked = {"name": settings.model or "", "version": settings.version or ""}
        self._metadata = (("authorization", f"Bearer {settings.token}"),) if settings.token else ()
        self._room = threading.BoundedSemaphore(settings.connections)
        self._channel = _channel(address, settings)
        self._ready = self._method("ModelReady", "ModelReadyResponse")
        self._describe = self._method("ModelMetadata", "ModelMetadataResponse")
        self._infer = self._method("ModelInfer", "ModelInferResponse")
        weakref.finalize(self, self._channel.close)

    def describe(self) -> Description:
        said = self._call(self._describe, _messages().ModelMetadataRequest(**self._asked))
        return Description(
            inputs=tuple(spec(t.name, t.datatype, t.shape) for t in said.inputs),
            outputs=tuple(spec(t.name, t.datatype, t.shape) for t in said.outputs),
            platform=said.platform,
            versions=tuple(said.versions),
        )

    def await_ready(self) -> None:
        def ask() -> None:
            try:
                said = self._once(self._ready, _messages().ModelReadyRequest(**self._asked))
            except AbsentError:  # it does not tell; the first batch will show
                return
            if not said.ready:
                raise PassingError("it is not ready")

        patiently(ask, retries=self._settings.retries, who=self._name)

    def infer(self, batch: Batch, inputs: Sequence[TensorSpec], outputs: Sequence[str]) -> Batch:
        message = _messages().ModelInferRequest(
            model_name=self._asked["name"], model_version=self._asked["version"]
        )
        for name in outputs:
            message.outputs.add(name=name)
        for key, value in parameters(self._settings).items():
            _set_parameter(message.parameters[key], key, value)
        for wanted in inputs:
            datatype, values = fitted(batch[wanted.name], wanted.dtype)
            tensor = message.inputs.add(name=wanted.name, datatype=datatype, shape=values.shape)
            if self._settings.binary or datatype not in _CONTENTS:
                message.raw_input_contents.append(bytes(to_bytes(datatype, values)))
            else:
                flat = to_list(datatype, values)
                content = [str(text).encode() for text in flat] if datatype == "BYTES" else flat
                getattr(tensor.contents, _CONTENTS[datatype]).extend(content)
        return complete(self._read(self._call(self._infer, message)), outputs, self._name)

    def _read(self, said: messages.ModelInferResponse) -> Mapping[str, NDArray[Any]]:
        raw = said.raw_output_contents
        if raw and len(raw) != len(said.outputs):
            raise ModelError(f"{self._name} sent the bytes of {len(raw)} outputs for {len(said.outputs)}")
        found = {}
        for place, output in enumerate(said.outputs):
            shape = tuple(output.shape)
            try:
                if raw:
                    found[output.name] = from_bytes(output.datatype, shape, memoryview(raw[place]))
                else:
                    values = getattr(output.contents, _CONTENTS.get(output.datatype, "bytes_values"))
                    found[output.name] = from_list(output.datatype, shape, list(values))
            except ModelError as error:
                raise ModelError(f"{self._name}: {error.message}") from error
        return found

    def _method(self, name: str, answer: str) -> Any:
        return self._channel.unary_unary(
            f"/inference.GRPCInferenceService/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=getattr(_messages(), answer).FromString,
        )

    def _call(self, method: Any, message: Message) -> Any:
        return patiently(lambda: self._once(method, message), retries=self._settings.retries, who=self._name)

    def _once(self, method: Any, message: Message) -> Any:
        import grpc

        try:
            with self._room:
                return method(message, timeout=self._settings.timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            code, said = error.code().name, (error.details() or "").strip()
            what = f"{self._name} answered {code}: {said}"
            if code in _PASSING:
                raise PassingError(what) from error
            if code in _ABSENT:
                raise AbsentError(f"{what}; see model.engine.url, model and version") from error
            if code in _CLOSED:
                raise ModelUnavailableError(f"{what}; see model.engine.token") from error
            raise RefusedError(what, status=400, said=said) from error


def _messages() -> Any:
    from alaas.engines._open_inference import open_inference_pb2

    return open_inference_pb2


def _channel(address: ServerAddress, settings: EngineSettings) -> Any:
    try:
        import grpc
        from google.protobuf import message as _  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("model.engine.protocol: grpc", "grpc") from error
    options = [
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", 1 << 30),
        ("grpc.enable_http_proxy", 0),  # as over HTTP: the address that is named is the one that is dialled
        ("grpc.enable_retries", 0),  # done here, where every engine's settings apply
    ]
    if not address.secure:
        return grpc.insecure_channel(address.authority, options=options)
    path = settings.options.get(CERTIFICATES)
    try:
        roots = None if path is None else Path(str(path)).read_bytes()
    except OSError as error:
        raise ConfigError(f"model.engine.options.certificates: cannot read {path}: {error}") from error
    return grpc.secure_channel(address.authority, grpc.ssl_channel_credentials(roots), options=options)


def _set_parameter(parameter: Any, key: str, value: object) -> None:
    if isinstance(value, bool):
        parameter.bool_param = value
    elif isinstance(value, int):
        parameter.int64_param = value
    elif isinstance(value, float):
        parameter.double_param = value
    elif isinstance(value, str):
        parameter.string_param = value
    else:
        raise ConfigError(
            f"model.engine.options.{key}: over gRPC a parameter is a text, number or boolean, not {value!r}"
        )
