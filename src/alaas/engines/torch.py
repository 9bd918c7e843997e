"""PyTorch: runs exported programs (``.pt2``), and the networks of the encoders that are made with torch."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from alaas.config import EngineSettings
from alaas.engines._base import Availability, Engine, EngineInfo, LoadedModel, ModelHeader
from alaas.engines._torch_network import Network, Precision, TorchNetwork
from alaas.errors import ConfigError, MissingExtraError, ModelError

__all__ = ["Network", "Torch", "read_pt2_header"]

_PRECISIONS: Final = ("stored", "fp32", "bf16", "fp16")


class Torch(Engine):
    """Runs torch networks on the processor or on one CUDA device.

    ``bf16`` (and ``fp16``, on CUDA) rounds the weights of convolutions and linear layers and computes those
    in the lower precision; normalisations and what is added up stay in fp32.

    Args:
        precision: ``stored`` computes as the weights are stored.
        device: ``cpu``, ``cuda`` or ``cuda:0``.
        threads: threads inside one call. Torch has one number for the process: whatever else runs there
            with torch, such as a learner, gets it too.
    """

    name: ClassVar[str] = "torch"
    runs_onnx: ClassVar[bool] = False

    def __init__(self, *, precision: Precision = "stored", device: str = "cpu", threads: int = 1) -> None:
        self.precision: Precision = precision
        self.device = device
        self.threads = threads

    @classmethod
    def available(cls) -> Availability:
        if importlib.util.find_spec("torch") is None:
            return Availability(version=None, missing=MissingExtraError("the engine torch", "torch").message)
        import torch

        cards = [f"cuda:{at}" for at in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
        return Availability(
            version=version("torch"),
            devices=("cpu", *cards),
            precisions=("stored", "fp32", "bf16", *(("fp16",) if cards else ())),
            fast=("stored", "fp32", *(("bf16",) if cards or _bf16() else ()), *(("fp16",) if cards else ())),
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
        device = _device(settings.devices)
        kind = device.partition(":")[0]
        if settings.precision not in _PRECISIONS or (settings.precision == "fp16" and kind == "cpu"):
            known = ", ".join(name for name in _PRECISIONS if kind != "cpu" or name != "fp16")
            raise ConfigError(f"torch on {kind} computes in {known}, not in {settings.precision}")
        if settings.options:
            raise ConfigError(
                f"the engine torch takes no options, got {', '.join(settings.options)}; leave them out"
            )
        return cls(precision=settings.precision, device=device, threads=threads)

    @property
    def info(self) -> EngineInfo:
        kind = self.device.partition(":")[0]
        return EngineInfo(name=self.name, version=version("torch"), precision=self.precision, device=kind)

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
        return self.ready(open_program(path))

    def ready(self, network: Network) -> LoadedModel:
        """A network that lies in memory, made ready to run; it is moved and changed, not copied.

        Raises:
            ConfigError: this machine has no such device.
        """
        _check_present(self.device)
        return TorchNetwork(network, precision=self.precision, device=self.device, threads=self.threads)


def _device(devices: list[str]) -> str:
    if len(devices) != 1:
        raise ConfigError(f"the engine torch runs on one device, got {', '.join(devices) or 'none'}")
    kind, colon, index = devices[0].partition(":")
    if devices[0] == "cpu" or (kind == "cuda" and (index.isdecimal() if colon else True)):
        return devices[0]
    raise ConfigError(f"the engine torch knows the devices cpu, cuda and cuda:0, not {devices[0]!r}")


def _check_present(device: str) -> None:
    import torch

    if device == "cpu":
        return
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(device.partition(":")[2] or 0) >= count:
        raise ConfigError(
            f"model.engine.devices names {device}, but torch sees {count} CUDA devices here"
            + ("" if count else "; use cpu, or install a build of torch for CUDA and its driver")
        )


def _bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; without, it is slower than fp32."""
    import torch

    asked: Any = getattr(torch.cpu, "get_capabilities", dict)
    found = asked()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def read_pt2_header(path: Path) -> ModelHeader:
    """What the exported program at ``path`` takes and gives.

    Raises:
        MissingExtraError: torch is not installed.
        ModelError: as ``Torch.load``.
    """
    from alaas.engines._pt2 import open_program

    program = open_program(path)
    return ModelHeader(inputs=program.inputs, outputs=program.outputs)
