"""Engines run models: ONNX Runtime by default, others by ``alaas.engines``."""

from alaas.config import EngineSettings
from alaas.engines._base import (
    Availability,
    Batch,
    Engine,
    EngineInfo,
    Example,
    LoadedModel,
    ModelHeader,
    RemoteEngine,
    TensorSpec,
)
from alaas.engines._onnx_format import read_onnx_header
from alaas.engines._quantized import quantized_path
from alaas.engines._trial import Outcome
from alaas.engines._trial_records import TrialRecord, forget_trials, kept_trials, trials_directory
from alaas.registry import Registry

registry: Registry[Engine] = Registry("engine", "alaas.engines", Engine)  # type: ignore[type-abstract]


def open_engine(settings: EngineSettings | str, *, threads: int = 1) -> Engine:
    """Make the engine that the settings, or a bare name, ask for; nothing is loaded.

    Args:
        settings: which engine, and how.
        threads: threads inside one call.

    Raises:
        UnknownNameError: there is no such engine; the nearest is named.
        ConfigError: it does not know a precision or a device that the settings ask for.
    """
    wanted = EngineSettings(name=settings) if isinstance(settings, str) else settings
    return registry.get(wanted.name).open(wanted, threads=threads)


__all__ = [
    "Availability",
    "Batch",
    "Engine",
    "EngineInfo",
    "Example",
    "LoadedModel",
    "ModelHeader",
    "Outcome",
    "RemoteEngine",
    "TensorSpec",
    "TrialRecord",
    "forget_trials",
    "kept_trials",
    "open_engine",
    "quantized_path",
    "read_onnx_header",
    "registry",
    "trials_directory",
]
