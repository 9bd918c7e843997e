"""A torch network of your own: ``my_package.models:make``, or ``networks/mine.py:make``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from blake3 import blake3

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._own import open_network
from alaas.encoders._torch_encoder import library
from alaas.errors import ConfigError, ModelError
from alaas.types import ModalityName


class OwnNetwork(Encoder):
    """Opens ``model.name`` of the form ``module:factory``, whose factory makes a ``torch.nn.Module``.

    The factory may return a pair instead: the network, and settings as they stand under ``model:`` in YAML,
    such as ``{"preprocess": {"size": 96}, "outputs": {"logits": "scores"}}``. What the YAML says goes before
    them. It is called when the encoder is opened, because only it knows what the network takes.
    """

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make an encoder over the network; texts if there is a tokenizer, else images.

        Raises:
            MissingExtraError: torch is not installed.
            ConfigError: there is no such factory, or it makes something else.
            ModelError: the factory fails.
        """
        name = model.name or ""
        library("torch", name, "torch")
        factory = _factory(name)
        return open_network(name, model, modality=modality, limits=limits, make=partial(_call, name, factory))


def _factory(name: str) -> Callable[[], Any]:
    place, _, attribute = name.rpartition(":")
    try:
        module = _from_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        factory: Callable[[], Any] = getattr(module, attribute)
    except (ImportError, AttributeError, ValueError, OSError, SyntaxError) as error:
        raise ConfigError(
            f"the model {name!r} cannot be imported: {error}; expected module:factory that Python finds from "
            "here, or path/to/file.py:factory"
        ) from error
    if not callable(factory):
        raise ConfigError(f"{name!r} is a {type(factory).__name__}; expected a function that makes a network")
    return factory


def _from_file(path: Path) -> Any:
    path = path.expanduser().resolve()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    # A name of its own: the file may be called as a module that is there already.
    own = f"alaas_network_{path.stem}_{blake3(str(path).encode()).hexdigest(8)}"
    spec = importlib.util.spec_from_file_location(own, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = sys.modules[own] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _call(name: str, factory: Callable[[], Any]) -> Any:
    try:
        return factory()
    except Exception as error:  # somebody's own code
        raise ModelError(
            f"the factory of the model {name} failed: {type(error).__name__}: {error}"
        ) from error
