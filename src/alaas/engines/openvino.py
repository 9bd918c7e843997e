"""OpenVINO: the fastest on most processors of Intel and AMD, and the way to Intel's GPUs and NPUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from alaas.cores import available_cores
from alaas.engines._base import Availability, EngineInfo, LoadedModel, ModelHeader
from alaas.engines._devices import Device
from alaas.engines._onnx_engine import OnnxEngine, first_line
from alaas.engines._openvino_bindings import bindings
from alaas.engines._openvino_model import OpenvinoModel
from alaas.errors import ConfigError, MissingExtraError, ModelError
from alaas.processor import processor

if TYPE_CHECKING:
    import openvino

_HINTS: Final[Mapping[str, str]] = {
    "stored": "f32",
    "fp32": "f32",
    "bf16": "bf16",
    "fp16": "f16",
    "int8": "f32",  # of what the quantised file leaves in floating point
}
"""Always said, because by itself OpenVINO takes bf16 wherever the processor has it."""

_CAPABILITIES: Final[Mapping[str, str]] = {"BF16": "bf16", "FP16": "fp16", "INT8": "int8"}
_UNITS: Final[Mapping[str, frozenset[str]]] = {
    "bf16": frozenset({"BF16", "AMX"}),
    "int8": frozenset({"VNNI", "AMX", "I8MM"}),
}


class Openvino(OnnxEngine):
    """Runs ONNX files in fp32, bf16, fp16 or int8, on a processor, a GPU or an NPU.

    On the processor one compiled model has as many streams as there are cores, of ``threads`` threads each;
    every call takes a request of its own. ``engine.options`` are OpenVINO's properties and win over ours.
    """

    name: ClassVar[str] = "openvino"
    kinds: ClassVar[tuple[str, ...]] = ("cpu", "gpu", "npu")
    precisions: ClassVar[tuple[str, ...]] = tuple(_HINTS)

    @classmethod
    def available(cls) -> Availability:
        try:
            core = _core()
        except MissingExtraError as error:
            return Availability(version=None, missing=error.message)
        devices = tuple(dict.fromkeys(name.partition(".")[0].lower() for name in core.available_devices))
        told = {
            name
            for device in core.available_devices
            for name in core.get_property(device, "OPTIMIZATION_CAPABILITIES")
        }
        lower = [precision for name, precision in _CAPABILITIES.items() if name in told]
        units = set(processor().units)
        return Availability(
            version=version("openvino"),
            devices=devices,
            precisions=("stored", "fp32", *lower),
            fast=("stored", "fp32", *(name for name in lower if _UNITS.get(name, units) & units)),
        )

    @property
    def info(self) -> EngineInfo:
        try:
            installed = version("openvino")
        except PackageNotFoundError:
            raise MissingExtraError("the engine openvino", "openvino") from None
        return EngineInfo(
            name=self.name,
            version=installed,
            precision=self.precision,
            device=self.device,
            options=self.written_options,
        )

    def load_on(self, device: Device, path: Path, header: ModelHeader) -> Sequence[LoadedModel]:
        core = _core()
        try:
            model = core.read_model(str(path))
        except Exception as error:
            raise ModelError(f"OpenVINO cannot read the model {path}: {_reason(error)}") from error

        def load(cores: tuple[int, ...], streams: int) -> LoadedModel:
            def build(shapes: Mapping[str, Sequence[int]] | None) -> Any:
                return self._compiled(core, model, path, device, streams, shapes)

            return OpenvinoModel(path, header, build=build, precision=self._computes(header), cores=cores)

        if device.kind != "cpu":
            return [load((), 1)]
        if not device.cores:
            shares = len(self.devices) * self.threads
            return [load((), max(1, available_cores() // shares))]
        if self.threads > 1:
            raise ConfigError(
                f"model.engine.devices names {device}, and OpenVINO binds calls of one thread only; set "
                "model.threads: 1, or write cpu"
            )
        # A model of one stream computes in the thread that calls it, so that binding that one binds it all.
        return [load((number,), 1) for number in device.cores]

    def _computes(self, header: ModelHeader) -> str:
        if header.precision == "int8":
            return "int8"  # a quantised file says itself where it computes in integers
        return "fp32" if self.precision == "stored" else self.precision

    def _compiled(
        self,
        core: openvino.Core,
        model: openvino.Model,
        path: Path,
        device: Device,
        streams: int,
        shapes: Mapping[str, Sequence[int]] | None,
    ) -> Any:
        hint = _HINTS[self.precision]
        properties: dict[str, Any] = {"INFERENCE_PRECISION_HINT": hint}
        if device.kind == "cpu":
            properties |= {
                "NUM_STREAMS": streams,
                "INFERENCE_NUM_THREADS": streams * self.threads,
                "ENABLE_CPU_PINNING": False,  # several of our processes would sit on the same first cores
            }
        target = "CPU" if device.kind == "cpu" else f"{device.kind.upper()}.{device.number}"
        try:
            shaped = model
            if shapes is not None:
                shaped = model.clone()
                shaped.reshape({name: list(shape) for name, shape in shapes.items()})
            compiled = core.compile_model(shaped, target, {**properties, **self.options})
        except Exception as error:
            raise ModelError(
                f"OpenVINO cannot load the model {path} on {device}: {_reason(error)}"
            ) from error
        took = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        asked = self.options.get("INFERENCE_PRECISION_HINT", hint)
        if took != asked:
            raise ConfigError(
                f"model.engine.precision is {self.precision!r}, but on {device} of this machine OpenVINO "
                f"would compute in {took}; see `alaas doctor` for what it has"
            )
        return compiled


def _core() -> openvino.Core:
    return bindings().Core()


def _reason(error: Exception) -> str:
    """The last line that is not a place in its sources, which is where OpenVINO says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return told[-1][:300] if told else first_line(error)
