"""Engines run models: ONNX Runtime is built in, others by the entry point group ``alaas.engines``."""

from alaas.engines._base import Engine, EngineInfo, LoadedModel, TensorSpec
from alaas.engines._onnx_format import OnnxHeader, read_onnx_header
from alaas.registry import Registry

registry: Registry[Engine] = Registry("engine", "alaas.engines", Engine)  # type: ignore[type-abstract]


def open_engine(name: str, *, threads: int = 1) -> Engine:
    """Make the engine called ``name``, with ``threads`` threads inside one call; nothing is loaded.

    Raises:
        UnknownNameError: there is no such engine; the nearest is named.
    """
    return registry.get(name).open(threads=threads)


__all__ = [
    "Engine",
    "EngineInfo",
    "LoadedModel",
    "OnnxHeader",
    "TensorSpec",
    "open_engine",
    "read_onnx_header",
    "registry",
]
