"""A text model behind ``/v1/embeddings``: vLLM, Text Embeddings Inference, OpenVINO Model Server, others."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.engines._base import (
    Availability,
    Batch,
    EngineInfo,
    LoadedModel,
    ModelHeader,
    RemoteEngine,
    TensorSpec,
)
from alaas.engines._serving import (
    HttpServer,
    RefusedError,
    ServedModel,
    ServerAddress,
    check_settings,
    parameters,
)
from alaas.errors import ConfigError, ModelError

_REVISION = "1"
"""Goes up when the same server would be asked for other numbers."""

_INPUT = TensorSpec(name="input", dtype="string", shape=(None,))
_OUTPUT = TensorSpec(name="embeddings", dtype="float32", shape=(None, None))
_HEADERS = {"Content-Type": "application/json"}


class EmbeddingsApi(RemoteEngine):
    """Sends a batch's texts in one call and reads one vector a text.

    ``model.engine.options`` go into every request as they are, such as ``dimensions: 256`` where the server
    shortens vectors, or ``truncate: true`` where it would refuse a long text.
    """

    name: ClassVar[str] = "embeddings_api"
    takes_texts: ClassVar[bool] = True

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.address = ServerAddress.parse(settings.url)

    @classmethod
    def available(cls) -> Availability:
        return Availability(
            version=_REVISION,
            precisions=("stored",),
            missing="it is there, but needs a server: set model.engine.url and model.engine.model",
        )

    @classmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:  # noqa: ARG003
        check_settings(settings)
        if settings.protocol != "http":
            raise ConfigError("model.engine.protocol: embeddings_api speaks http alone; leave it out")
        return cls(settings)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name=self.name, version=_REVISION, precision="stored", device=str(self.address))

    def header(self) -> ModelHeader:
        return ModelHeader(inputs=(_INPUT,), outputs=(_OUTPUT,))

    def identity(self) -> str:
        settings = self.settings
        return f"{self.address} {settings.model} {settings.version or '-'} {parameters(settings)}"

    def connect(self, outputs: Collection[str] = ()) -> LoadedModel:
        unknown = sorted(set(outputs) - {_OUTPUT.name})
        if unknown:
            raise ModelError(
                f"{self.name} gives {_OUTPUT.name!r} alone, not {unknown[0]!r}; see model.outputs"
            )
        return _Model(self.address, self.settings)


class _Model(ServedModel):
    def __init__(self, address: ServerAddress, settings: EngineSettings) -> None:
        super().__init__(
            name=f"the model {settings.model!r} of {address}", inputs=(_INPUT,), outputs=(_OUTPUT,)
        )
        self._server = HttpServer(address, settings, model=settings.model or "")
        self._path = _path(address)
        self._said = {"model": settings.model, **parameters(settings)}
        self._packed = settings.binary
        """Whether to ask for base64, a third of the bytes of numbers in JSON and far cheaper to read."""

    def ask(self, batch: Batch) -> Batch:
        texts = [str(text) for text in np.asarray(batch[_INPUT.name]).reshape(-1)]
        if self._packed:
            try:
                return self._asked(texts, "base64")
            except RefusedError as error:
                if error.most(len(texts)) is not None:
                    raise
                found = self._asked(texts, "float")  # raises too if base64 was not the trouble
                self._packed = False
                return found
        return self._asked(texts, "float")

    def _asked(self, texts: list[str], encoding: str) -> Batch:
        body = json.dumps({**self._said, "input": texts, "encoding_format": encoding}).encode()
        answer = self._server.post(self._path, [memoryview(body)], _HEADERS)
        try:
            data = json.loads(answer.content)["data"]
            rows = _rows(data, len(texts))
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
            raise ModelError(
                f"{self.name} answered what is no list of embeddings: {type(error).__name__}: {error}; its "
                f"answer begins {bytes(answer.content[:80])!r}"
            ) from error
        return {_OUTPUT.name: rows}


def _path(address: ServerAddress) -> str:
    """What is still missing of the path: nothing, ``/embeddings`` behind a version, or all of it."""
    if address.path.endswith("/embeddings"):
        return ""
    return "/embeddings" if re.search(r"/v\d+$", address.path) else "/v1/embeddings"


def _rows(data: Sequence[Mapping[str, Any]], count: int) -> NDArray[np.float32]:
    """Vectors (count, D) in the order of the texts, which ``index`` tells."""
    places = [int(entry.get("index", place)) for place, entry in enumerate(data)]
    if sorted(places) != list(range(count)):
        raise ValueError(f"{len(data)} vectors for {count} texts, with the places {places[:8]}")
    vectors: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * count
    for place, entry in zip(places, data, strict=True):
        vectors[place] = _vector(entry["embedding"])
    return np.stack(vectors)


def _vector(value: str | Sequence[float]) -> NDArray[np.float32]:
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
    vector = np.asarray(value, dtype=np.float32)
    if vector.ndim != 1:
        raise ValueError(f"an embedding of shape {vector.shape}; expected one vector a text")
    return vector
