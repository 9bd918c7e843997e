"""A model behind the Open Inference Protocol v2: Triton, KServe, OpenVINO Model Server, MLServer."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import ClassVar, Self

from alaas.config import EngineSettings, TensorSettings
from alaas.engines._base import (
    Availability,
    Batch,
    EngineInfo,
    LoadedModel,
    ModelHeader,
    RemoteEngine,
    TensorSpec,
)
from alaas.engines._open_inference import Description, Transport
from alaas.engines._serving import AbsentError, ServedModel, ServerAddress, check_settings, parameters
from alaas.errors import ModelError

_REVISION = "1"
"""Goes up when the same server would be asked for other numbers."""


class OpenInference(RemoteEngine):
    """Asks a server over HTTP, with tensors as bytes where it can do so, or over gRPC.

    Nothing is asked before the header or a model is wanted, and the server describes the model once. What
    ``model.engine.inputs`` and ``outputs`` say wins over what the server says.
    """

    name: ClassVar[str] = "open_inference"

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.address = ServerAddress.parse(settings.url)
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._description: Description | None = None

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
        return cls(settings)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name=self.name, version=_REVISION, precision="stored", device=str(self.address))

    def header(self) -> ModelHeader:
        said = self._described()
        inputs = _declared(self.settings.inputs) or said.inputs
        outputs = _declared(self.settings.outputs) or said.outputs
        for what, found in (("inputs", inputs), ("outputs", outputs)):
            if not found:
                raise ModelError(
                    f"the server {self.address} does not say what {what} the model {self.settings.model!r} "
                    f"has; list them with name, dtype and shape under model.engine.{what}"
                )
        return ModelHeader(inputs=inputs, outputs=outputs)

    def identity(self) -> str:
        said, settings = self._described(), self.settings
        versions = settings.version or ",".join(said.versions)
        return (
            f"{self.address} {settings.model} {versions or '-'} {said.platform or '-'} {parameters(settings)}"
        )

    def connect(self, outputs: Collection[str] = ()) -> LoadedModel:
        header = self.header()
        known = {spec.name: spec for spec in header.outputs}
        missing = sorted(set(outputs) - set(known))
        if missing:
            raise ModelError(
                f"the model {self.settings.model!r} of {self.address} has no output {missing[0]!r}; it has "
                f"{', '.join(known)}: name the right one under model.outputs"
            )
        transport = self._opened()
        transport.await_ready()
        wanted = tuple(spec for spec in header.outputs if not outputs or spec.name in outputs)
        return _Model(
            name=f"the model {self.settings.model!r} of {self.address}",
            inputs=header.inputs,
            outputs=wanted,
            transport=transport,
        )

    def _opened(self) -> Transport:
        with self._lock:
            if self._transport is None:
                self._transport = _transport(self.address, self.settings)
            return self._transport

    def _described(self) -> Description:
        transport = self._opened()
        with self._lock:
            if self._description is None:
                self._description = self._ask(transport)
            return self._description

    def _ask(self, transport: Transport) -> Description:
        try:
            return transport.describe()
        except AbsentError:
            if self.settings.inputs and self.settings.outputs:
                return Description()  # a server that describes nothing is why they can be given
            raise


class _Model(ServedModel):
    def __init__(
        self,
        *,
        name: str,
        inputs: tuple[TensorSpec, ...],
        outputs: tuple[TensorSpec, ...],
        transport: Transport,
    ) -> None:
        super().__init__(name=name, inputs=inputs, outputs=outputs)
        self._transport = transport
        self._names = [spec.name for spec in outputs]

    def ask(self, batch: Batch) -> Batch:
        return self._transport.infer(batch, self.inputs, self._names)


def _transport(address: ServerAddress, settings: EngineSettings) -> Transport:
    if settings.protocol == "grpc":
        from alaas.engines._open_inference._grpc import Grpc

        return Grpc(address, settings)
    from alaas.engines._open_inference._rest import Rest

    return Rest(address, settings)


def _declared(tensors: list[TensorSettings]) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name=t.name, dtype=t.dtype, shape=tuple(t.shape)) for t in tensors)
