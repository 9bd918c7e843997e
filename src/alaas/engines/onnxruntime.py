"""ONNX Runtime, the embedded engine: quick to load, and one model serves many threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from alaas.engines._base import Availability, Batch, EngineInfo, LoadedModel, ModelHeader, TensorSpec
from alaas.engines._devices import Device, bound
from alaas.engines._onnx_engine import OnnxEngine, first_line, refusal
from alaas.errors import ConfigError, ModelError
from alaas.processor import processor

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

_LOG_FATAL_ONLY = 4
"""Everything less is raised as an error, which says it once."""

_PROVIDERS: Final[Mapping[str, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
_DISTRIBUTIONS = ("onnxruntime-gpu", "onnxruntime")
_INTEGER_UNITS = frozenset({"VNNI", "I8MM"})

_EXACT: Final[Mapping[str, Mapping[str, Any]]] = {"cpu": {}, "cuda": {"use_tf32": 0}, "tensorrt": {}}
_TENSORRT: Final[Mapping[str, Mapping[str, Any]]] = {
    "fp16": {"trt_fp16_enable": True},
    "bf16": {"trt_bf16_enable": True},
    "int8": {"trt_int8_enable": True},
}
"""Provider options that a precision means; those of the configuration win."""


class Onnxruntime(OnnxEngine):
    """Runs ONNX files in the precision that they are stored in, on the processor or on NVIDIA's GPUs.

    ``engine.options`` are the provider's options on a GPU and session entries (``session.…``) on a processor.
    One thread a call is right where calls run side by side on every core, which costs no waiting between
    operators. TensorRT also computes in fp16 and bf16 what is stored in fp32.
    """

    name: ClassVar[str] = "onnxruntime"
    kinds: ClassVar[tuple[str, ...]] = tuple(_PROVIDERS)
    precisions: ClassVar[tuple[str, ...]] = ("stored", "fp32", "fp16", "bf16", "int8")

    @classmethod
    def available(cls) -> Availability:
        import onnxruntime

        providers = onnxruntime.get_available_providers()
        devices = tuple(kind for kind, provider in _PROVIDERS.items() if provider in providers)
        quick = bool(_INTEGER_UNITS & set(processor().units)) or "cuda" in devices
        return Availability(
            version=_version(),
            devices=devices,
            precisions=cls.precisions if "tensorrt" in devices else ("stored", "fp32", "int8"),
            fast=("stored", "fp32", "int8") if quick else ("stored", "fp32"),
        )

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(
            name=self.name,
            version=_version(),
            precision=self.precision,
            device=self.device,
            options=self.written_options,
        )

    def load_on(self, device: Device, path: Path, header: ModelHeader) -> Sequence[LoadedModel]:
        precision = self._computes(device, path, header)
        with bound(device.cores):  # the session's own threads inherit it
            session = self._session(device, path)
        return [_Session(path, session, precision, device)]

    def _computes(self, device: Device, path: Path, header: ModelHeader) -> str:
        stored = header.precision
        if self.precision in ("stored", stored):
            return stored
        if device.kind == "tensorrt" and stored == "fp32" and self.precision in ("fp16", "bf16"):
            return self.precision
        raise ModelError(
            f"ONNX Runtime computes {path} in {stored}, as it is stored, on {device}; model.engine.precision "
            f"is {self.precision!r}: export the model in {self.precision}, or leave the precision at stored"
        )

    def _session(self, device: Device, path: Path) -> InferenceSession:
        import onnxruntime

        wanted = _PROVIDERS[device.kind]
        known = onnxruntime.get_available_providers()
        if wanted not in known:
            raise ConfigError(
                f"model.engine.devices names {device}, which needs {wanted}, but this ONNX Runtime has only "
                f"{', '.join(known)}; pip uninstall onnxruntime, then pip install onnxruntime-gpu, with the "
                "CUDA (and for tensorrt the TensorRT) libraries that it asks for"
            )
        try:
            session = onnxruntime.InferenceSession(
                str(path), self._options(device), providers=self._providers(device)
            )
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot load the model {path} on {device}: {first_line(error)}"
            ) from error
        if wanted not in session.get_providers():  # the library itself would go on without a word
            raise ConfigError(
                f"model.engine.devices names {device}, but ONNX Runtime could not start {wanted} and fell "
                f"back to {', '.join(session.get_providers())}; are the driver and the CUDA libraries there?"
            )
        return session

    def _options(self, device: Device) -> SessionOptions:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _LOG_FATAL_ONLY
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # A spinning thread would take the core on which the next call could run.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        for key, value in self.options.items() if device.kind == "cpu" else ():
            options.add_session_config_entry(key, str(value))
        return options

    def _providers(self, device: Device) -> list[str | tuple[str, dict[str, Any]]]:
        if device.kind == "cpu":
            return [_PROVIDERS["cpu"]]
        meant = _TENSORRT.get(self.precision, {}) if device.kind == "tensorrt" else {}
        own = {"device_id": device.number, **_EXACT[device.kind], **meant, **self.options}
        chain: list[str | tuple[str, dict[str, Any]]] = [(_PROVIDERS[device.kind], own)]
        if device.kind == "tensorrt":  # what TensorRT does not know runs on the same GPU
            chain.append((_PROVIDERS["cuda"], {"device_id": device.number, **_EXACT["cuda"]}))
        return [*chain, _PROVIDERS["cpu"]]


class _Session(LoadedModel):
    def __init__(self, path: Path, session: InferenceSession, precision: str, device: Device) -> None:
        self.path = path
        self.session = session
        self.precision = precision
        self.inputs = tuple(_spec(value) for value in session.get_inputs())
        self.outputs = tuple(_spec(value) for value in session.get_outputs())
        self._cores = device.cores
        self._names = [spec.name for spec in self.outputs]

    def run(self, batch: Batch) -> Batch:
        try:
            with bound(self._cores):
                values = self.session.run(self._names, dict(batch))
        except Exception as error:
            raise refusal(self.path, self.inputs, batch, error) from error
        return dict(zip(self._names, values, strict=True))


def _version() -> str:
    for name in _DISTRIBUTIONS:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    import onnxruntime  # another build of it

    return str(onnxruntime.__version__)


def _spec(value: Any) -> TensorSpec:
    names = {"float": "float32", "double": "float64"}
    dtype = value.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(name=value.name, dtype=names.get(dtype, dtype), shape=tuple(value.shape))
