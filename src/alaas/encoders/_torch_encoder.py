"""What the encoders over torch networks share: the engine they run on, their digest, their libraries."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings, OutputSettings
from alaas.encoders._base import Encoder
from alaas.encoders._model_encoder import ModelEncoder
from alaas.encoders._readout import Readout
from alaas.encoders._torch_digest import network_digest
from alaas.engines import LoadedModel
from alaas.engines.torch import Network, Torch
from alaas.errors import ConfigError, MissingExtraError, ModelError
from alaas.modalities import Modality
from alaas.types import ModalityName

_DEFAULT_ENGINE: Final = "onnxruntime"


class TorchEncoder(ModelEncoder):
    """An encoder over a network that a library, or somebody's code, makes.

    Args:
        name: what messages and results call it.
        modality: makes the network's inputs.
        model: the settings; their engine says precision and devices.
        limits: of the items.
        readout: what the outputs mean.
        make: makes the network with its weights when it is first needed; called once.
        libraries: distributions whose code computes, besides torch; their versions enter the fingerprint.
    """

    def __init__(
        self,
        *,
        name: str,
        modality: Modality,
        model: ModelSettings,
        limits: LimitSettings,
        readout: Readout,
        make: Callable[[], Network],
        libraries: Sequence[str] = (),
    ) -> None:
        super().__init__(name=name, modality=modality, readout=readout)
        self.engine = Torch.open(on_torch(name, model).engine, threads=model.threads)
        self._libraries = " ".join(f"{library}/{version(library)}" for library in libraries)
        self._asked, self._limits = model, limits
        self._make = make
        self._made: tuple[Network, str] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """A library and a network of somebody's code do not travel; their name does."""
        return _opened, (self._asked, self.modality.name, self._limits)

    @property
    def calls(self) -> int:
        return self.engine.calls

    @property
    def fingerprint(self) -> str:
        digest, info = self._network()[1], self.engine.info
        runs = f"{info.name} {info.version} {info.precision} {info.device} {self._libraries}"
        return f"{self.modality.fingerprint} | network {digest} | {self.readout} | {runs.rstrip()}"

    def open_model(self) -> LoadedModel:
        return self.engine.ready(self._network()[0])

    def _network(self) -> tuple[Network, str]:
        with self._lock:
            if self._made is None:
                network = self._make()
                # Before the engine rounds its weights or moves them.
                self._made = network, network_digest(network.module)
            return self._made


def _opened(model: ModelSettings, modality: ModalityName, limits: LimitSettings) -> Encoder:
    from alaas.encoders import open_encoder

    return open_encoder(model, modality=modality, limits=limits)


def on_torch(name: str, model: ModelSettings) -> ModelSettings:
    """The settings with torch as the engine, which is the only one that runs such a model.

    Raises:
        ConfigError: they ask for another engine.
    """
    asked = model.engine.name
    if asked not in (_DEFAULT_ENGINE, "auto", "torch"):
        raise ConfigError(
            f"the model {name} runs on torch, but model.engine is {asked!r}; leave it out, or export the "
            "model to ONNX and name the file"
        )
    return model.model_copy(update={"engine": model.engine.model_copy(update={"name": "torch"})})


def library(module: str, name: str, extra: str) -> Any:
    """Import the library that a model needs.

    Raises:
        MissingExtraError: it is not installed.
        ModelError: it is, but does not go with the torch that is.
    """
    try:
        importlib.import_module("torch")
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"the model {name}", extra) from error
    except RuntimeError as error:  # torchvision's compiled operators against another torch
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"the model {name} needs {module}, which does not import beside the installed torch ({reason}); "
            "install versions of both that belong together"
        ) from error


def declares_itself(name: str, model: ModelSettings) -> None:
    """Refuse ``model.outputs`` where the library knows what its network gives.

    Raises:
        ConfigError: they are set.
    """
    if model.outputs != OutputSettings():
        raise ConfigError(f"model.outputs is set, but what {name} gives is known; leave it out")


def declares_pooling_only(name: str, model: ModelSettings) -> None:
    """Refuse names of outputs where the library knows them; how to pool may still be said.

    Raises:
        ConfigError: an output is named.
    """
    declares_itself(
        name, model.model_copy(update={"outputs": model.outputs.model_copy(update={"pooling": "mean"})})
    )
