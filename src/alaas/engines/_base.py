"""The contract of an engine: what runs a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorSpec:
    """One input or output of a model; ``None`` or a name in ``shape`` is a free dimension."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineInfo:
    """What enters the cache key: two engines of the same info give the same numbers for the same file.

    ``precision`` is ``stored`` for an engine that computes in the model file's own precision.
    """

    name: str
    version: str
    precision: str
    device: str


class LoadedModel(ABC):
    """A model that is ready to run. ``run`` may be called from many threads at once."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    precision: str
    """What it computes in: ``fp32``, ``fp16``, ``bf16`` or ``int8``."""

    @abstractmethod
    def run(self, batch: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Run one batch: input name → array with the batch first, to output name → array.

        Raises:
            ModelError: the model refuses the batch; the message holds the shapes.
        """


class Engine(ABC):
    """Loads model files. Engines are found by file name or by the entry point group ``alaas.engines``."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def open(cls, *, threads: int) -> Self:
        """Make the engine with ``threads`` threads inside one call; nothing is loaded.

        Callers run one model from several threads at once, so an engine must not take every core by itself.
        """

    @property
    @abstractmethod
    def info(self) -> EngineInfo:
        """Name, version, precision and device, known before any model is loaded."""

    @abstractmethod
    def load(self, path: Path) -> LoadedModel:
        """Load the model file at ``path``.

        Raises:
            ModelError: the file is missing, broken or not for this engine.
        """
