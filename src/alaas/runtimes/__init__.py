"""Runtimes run the pipeline's stages: on local threads by default, others by ``alaas.runtimes``."""

from alaas.registry import Registry
from alaas.runtimes._base import OnProgress, Progress, Runtime

registry: Registry[Runtime] = Registry("runtime", "alaas.runtimes", Runtime)  # type: ignore[type-abstract]

__all__ = ["OnProgress", "Progress", "Runtime", "registry"]
