"""The contract of an engine: what runs a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.reopening import Reopened

Batch: TypeAlias = Mapping[str, NDArray[Any]]
"""Tensor name → array with the batch first; texts are arrays of dtype object that hold str."""

Example: TypeAlias = Callable[[], Batch]


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorSpec:
    """One input or output of a model; ``None`` or a name in ``shape`` is a free dimension.

    ``dtype`` is numpy's name, or ``string``.
    """

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineInfo:
    """What enters the cache key: two engines of the same info give the same numbers for the same file.

    ``precision`` is ``stored`` for an engine that computes in the model file's own precision; ``options`` is
    what else was asked of it, as text, since any of that may change the numbers.
    """

    name: str
    version: str
    precision: str
    device: str
    options: str = ""


class LoadedModel(ABC):
    """A model that is ready to run. ``run`` may be called from many threads at once."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    precision: str
    """What it computes in: ``fp32``, ``fp16``, ``bf16`` or ``int8``."""

    @abstractmethod
    def run(self, batch: Batch) -> Batch:
        """Run one batch: input name → array with the batch first, to output name → array.

        Raises:
            ModelError: the model refuses the batch; the message holds the shapes.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelHeader:
    """What a model takes and gives, known before it is loaded."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    external: tuple[str, ...] = ()
    """Other files that it keeps weights in, as the file itself names them."""

    precision: str = "fp32"
    """What its weights are stored in: ``fp32``, ``fp16``, ``bf16`` or ``int8``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    """Whether an engine can be used on this machine; ``missing`` says why not and how to mend it."""

    version: str | None
    devices: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    """What it can be asked for; ``fast`` are those for which this machine has instructions."""

    fast: tuple[str, ...] = ()
    missing: str | None = None


class Engine(Reopened, ABC):
    """Loads model files. Engines are found by file name or by the entry point group ``alaas.engines``.

    Sent to another process, an engine is made anew there from the arguments of its constructor.
    """

    name: ClassVar[str]
    runs_onnx: ClassVar[bool] = True
    """Whether it loads ONNX files, so that `auto` may try it."""

    @classmethod
    def available(cls) -> Availability:
        """What `alaas doctor` says and `auto` goes by; imports what it must, loads no model."""
        return Availability(version=None, devices=("cpu",), precisions=("stored",))

    @classmethod
    @abstractmethod
    def open(cls, settings: EngineSettings, *, threads: int) -> Self:
        """Make the engine with ``threads`` threads inside one call; nothing is loaded.

        Callers run one model from several threads at once, so an engine must not take every core by itself.

        Raises:
            ConfigError: the settings ask for a precision or a device that this engine does not know.
        """

    @property
    @abstractmethod
    def info(self) -> EngineInfo:
        """Name, version, precision and device, known before any model is loaded."""

    @property
    def calls(self) -> int | None:
        """Calls of ``run`` at the same time that keep it busy; None for one a core."""
        return None

    def variant(self, path: Path) -> Path:
        """The file that is really read for the model at ``path``: itself, but for a quantised one beside it.

        Raises:
            ModelError: the precision needs another file, which has not been made.
        """
        return path

    def settled(self, path: Path, example: Example) -> Engine:  # noqa: ARG002
        """The engine that really runs the file at ``path``: itself, but for one that first has to choose.

        Args:
            path: the model file.
            example: makes a batch such as the model will be given, if one is needed.
        """
        return self

    @abstractmethod
    def load(self, path: Path) -> LoadedModel:
        """Load the model file at ``path``.

        Raises:
            ModelError: the file is missing, broken or not for this engine.
        """


class RemoteEngine(Engine):
    """Runs a model that a server has, under the name that the settings give; there is no file here."""

    runs_onnx: ClassVar[bool] = False
    takes_texts: ClassVar[bool] = False
    """Whether every model behind it takes texts as they are, so that nobody need ask."""

    @abstractmethod
    def identity(self) -> str:
        """Address, name and version of the model, and what the server says of it: for the cache key.

        Raises:
            ModelError: as ``header``.
        """

    @abstractmethod
    def header(self) -> ModelHeader:
        """What the model takes and gives, by the server's own words or else by the settings.

        Raises:
            ModelError: the server cannot be reached, has no such model, or says too little.
        """

    @abstractmethod
    def connect(self, outputs: Collection[str] = ()) -> LoadedModel:
        """A model whose ``run`` asks the server.

        Args:
            outputs: those that will be read, so that others need not travel; by default all.

        Raises:
            ModelUnavailableError: the server cannot be reached, is too busy or lets nobody in.
            ModelError: it has no such model or outputs.
        """

    def load(self, path: Path) -> LoadedModel:  # noqa: ARG002
        """The same as ``connect``: the server has a copy of its own."""
        return self.connect()
