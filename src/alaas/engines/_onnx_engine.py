"""What every engine that opens ONNX files shares: what it refuses, its int8 file, its replicas."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from alaas.config import EngineSettings
from alaas.cores import available_cores
from alaas.engines._base import Batch, Engine, LoadedModel, ModelHeader, TensorSpec
from alaas.engines._devices import Device, read_devices
from alaas.engines._onnx_format import read_onnx_header
from alaas.engines._quantized import quantized_path
from alaas.engines._replicas import Replicas
from alaas.errors import ConfigError, ModelError

_CALLS_A_DEVICE = 2
"""On a device that is not the processor: while one batch is computed, the next is on its way."""


class OnnxEngine(Engine):
    """An engine that loads ONNX files, one replica on each of its devices.

    Args:
        settings: precision, devices, options.
        threads: threads inside one call.
    """

    kinds: ClassVar[tuple[str, ...]] = ("cpu",)
    """What it runs on."""

    precisions: ClassVar[tuple[str, ...]] = ("stored", "fp32", "int8")
    """What it can be asked for."""

    def __init__(self, settings: EngineSettings | None = None, *, threads: int = 1) -> None:
        wanted = EngineSettings(name=self.name) if settings is None else settings
        if wanted.precision not in self.precisions:
            raise ConfigError(
                f"model.engine.precision is {wanted.precision!r}, but {self.name} computes in "
                f"{', '.join(self.precisions)}"
            )
        self.threads = threads
        self.precision = wanted.precision
        self.devices: Sequence[Device] = read_devices(self.name, wanted.devices, self.kinds)
        self.options: Mapping[str, Any] = wanted.options

    @classmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:
        return cls(settings, threads=threads)

    @property
    def device(self) -> str:
        """The kind of its devices: which of several ran a batch makes no difference to the numbers."""
        return self.devices[0].kind

    @property
    def written_options(self) -> str:
        """Its options in one line, for the cache key: any of them may change the numbers."""
        return json.dumps(self.options, sort_keys=True) if self.options else ""

    @property
    def calls(self) -> int:
        if self.device != "cpu":
            return max(_CALLS_A_DEVICE * len(self.devices), available_cores())
        cores = {core for device in self.devices for core in device.cores}
        return max(len(cores) or available_cores(), len(self.devices))

    def variant(self, path: Path) -> Path:
        if self.precision != "int8" or read_onnx_header(path).precision == "int8":
            return path
        made = quantized_path(path)
        if not made.is_file():
            raise ModelError(
                f"the model {path} has no int8 version; make it with `alaas models quantize NAME --calibrate "
                f"SOURCE`, or put it at {made}"
            )
        return made

    def load(self, path: Path) -> LoadedModel:
        """Load the ONNX file at ``path``, or for int8 the quantised one beside it.

        Weights in other files are accepted only if they lie in the model's own folder: a model from
        elsewhere could otherwise name any file of this machine.

        Raises:
            ModelError: the file is missing, broken, of another precision, or has weights outside its folder.
            ConfigError: a device or a precision is not to be had on this machine.
        """
        file = self.variant(path)
        header = read_onnx_header(file)
        for location in header.external:
            _check_beside(file, location)
        replicas = [model for device in self.devices for model in self.load_on(device, file, header)]
        return replicas[0] if len(replicas) == 1 else Replicas(replicas)

    @abstractmethod
    def load_on(self, device: Device, path: Path, header: ModelHeader) -> Sequence[LoadedModel]:
        """Load a file that has been checked; more than one where a device is several workers.

        Raises:
            ModelError, ConfigError: as ``load``.
        """


def refusal(path: Path, inputs: Sequence[TensorSpec], batch: Batch, error: Exception) -> ModelError:
    """What to say when a model does not take a batch."""
    got = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in batch.items())
    wanted = ", ".join(f"{spec.name} {spec.dtype} {spec.shape}" for spec in inputs)
    return ModelError(
        f"the model {path.name} refuses its input: got {got or 'nothing'}, it takes {wanted} "
        f"({first_line(error)})"
    )


def first_line(error: Exception) -> str:
    """The first line of what a library says."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


def _check_beside(path: Path, location: str) -> None:
    folder = path.parent.resolve()
    target = (folder / location).resolve()
    if not location or not target.is_relative_to(folder):
        raise ModelError(
            f"the model {path} keeps weights in {location!r}, outside its own folder; put them beside "
            "the model, or save it as one file"
        )
    if not target.is_file():
        raise ModelError(f"the model {path} keeps weights in {location!r}, which is missing beside it")
