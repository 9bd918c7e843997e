"""PyTorch: runs exported programs (``.pt2``), and the networks of the encoders that are made with torch."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar, Final, Self

from alaas.config import EngineSettings
from alaas.cores import available_cores
from alaas.engines._base import Availability, Engine, EngineInfo, LoadedModel, ModelHeader
from alaas.engines._devices import Device, read_devices
from alaas.engines._replicas import Replicas
from alaas.engines._torch_network import Network, Precision, TorchNetwork
from alaas.errors import ConfigError, MissingExtraError, ModelError
from alaas.processor import processor

__all__ = ["Network", "Torch", "read_pt2_header"]

_CALLS_A_CARD: Final = 2
"""While one batch is computed, the next is on its way."""
_PRECISIONS: Final = ("stored", "fp32", "bf16", "fp16")


class Torch(Engine):
    """Runs torch networks on the processor or on CUDA devices.

    ``bf16`` (and ``fp16``, on CUDA) rounds the weights of convolutions and linear layers and computes those
    in the lower precision; normalisations and what is added up stay in fp32.

    Args:
        precision: ``stored`` computes as the weights are stored.
        devices: one replica of the network on each: ``cpu``, ``cpu:0-3`` for these cores, ``cuda:0``.
        threads: threads inside one call. Torch has one number for the process: whatever else runs there
            with torch, such as a learner, gets it too.
    """

    name: ClassVar[str] = "torch"
    runs_onnx: ClassVar[bool] = False

    def __init__(
        self, *, precision: Precision = "stored", devices: Sequence[str] = ("cpu",), threads: int = 1
    ) -> None:
        self.precision: Precision = precision
        self.devices = read_devices(self.name, devices, ("cpu", "cuda"))
        self.threads = threads

    @classmethod
    def available(cls) -> Availability:
        if importlib.util.find_spec("torch") is None:
            return Availability(version=None, missing=MissingExtraError("the engine torch", "torch").message)
        import torch

        cards = [f"cuda:{at}" for at in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
        quick = bool({"BF16", "AMX"} & set(processor().units))  # without, bf16 is slower than fp32
        return Availability(
            version=version("torch"),
            devices=("cpu", *cards),
            precisions=("stored", "fp32", "bf16", *(("fp16",) if cards else ())),
            fast=("stored", "fp32", *(("bf16",) if cards or quick else ()), *(("fp16",) if cards else ())),
        )

    @classmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:
        """Make the engine.

        Raises:
            ConfigError: a precision, a device or an option that it does not know.
            MissingExtraError: torch is not installed.
        """
        if importlib.util.find_spec("torch") is None:
            raise MissingExtraError("the engine torch", "torch")
        made = cls(precision=settings.precision, devices=settings.devices, threads=threads)
        kind = made.devices[0].kind
        if settings.precision not in _PRECISIONS or (settings.precision == "fp16" and kind == "cpu"):
            known = ", ".join(name for name in _PRECISIONS if kind != "cpu" or name != "fp16")
            raise ConfigError(f"torch on {kind} computes in {known}, not in {settings.precision}")
        if settings.options:
            raise ConfigError(
                f"the engine torch takes no options, got {', '.join(settings.options)}; leave them out"
            )
        return made

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(
            name=self.name, version=version("torch"), precision=self.precision, device=self.devices[0].kind
        )

    @property
    def calls(self) -> int:
        if self.devices[0].kind != "cpu":
            return max(_CALLS_A_CARD * len(self.devices), available_cores())
        cores = {core for device in self.devices for core in device.cores}
        return max(len(cores) or available_cores(), len(self.devices))

    def load(self, path: Path) -> LoadedModel:
        """Load the exported program at ``path``, which ``torch.export.save`` wrote.

        Raises:
            ModelError: the file is missing, broken, or holds more than tensors and torch's own operators:
                pickles (``.pt``, ``.pth``) are never opened.
        """
        from alaas.engines._pt2 import open_program

        if path.suffix.lower() == ".onnx":
            raise ModelError(
                f"torch runs .pt2 files, and {path} is an ONNX model; set model.engine to one for those: "
                "onnxruntime or openvino"
            )
        return self._replicas([open_program(path) for _ in self.devices])

    def ready(self, network: Network) -> LoadedModel:
        """A network that lies in memory, made ready to run.

        It is moved and changed, not copied, but for further devices.

        Raises:
            ConfigError: this machine has no such device.
        """
        return self._replicas([network, *(_copied(network) for _ in self.devices[1:])])

    def _replicas(self, networks: Sequence[Network]) -> LoadedModel:
        for device in self.devices:
            _check_present(device)
        replicas = [
            TorchNetwork(each, precision=self.precision, device=device, threads=self.threads)
            for each, device in zip(networks, self.devices, strict=True)
        ]
        return replicas[0] if len(replicas) == 1 else Replicas(replicas)


def _copied(network: Network) -> Network:
    return replace(network, module=copy.deepcopy(network.module))


def _check_present(device: Device) -> None:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.kind == "cuda" and device.number >= count:
        raise ConfigError(
            f"model.engine.devices names {device}, but torch sees {count} CUDA devices here"
            + ("" if count else "; use cpu, or install a build of torch for CUDA and its driver")
        )


def read_pt2_header(path: Path) -> ModelHeader:
    """What the exported program at ``path`` takes and gives.

    Raises:
        MissingExtraError: torch is not installed.
        ModelError: as ``Torch.load``.
    """
    from alaas.engines._pt2 import open_program

    program = open_program(path)
    return ModelHeader(inputs=program.inputs, outputs=program.outputs)
