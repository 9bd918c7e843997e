"""An encoder over a network of which nothing is known but what it does with an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from alaas.config import LimitSettings, ModelSettings, OutputSettings, PreprocessSettings
from alaas.encoders._base import Encoder
from alaas.encoders._readout import choose_outputs
from alaas.encoders._torch_classifier import call_split, first, split_classifier
from alaas.encoders._torch_encoder import TorchEncoder
from alaas.encoders._torch_tensors import pictures, specs, vectors
from alaas.engines import TensorSpec
from alaas.engines.torch import Network
from alaas.errors import ConfigError, ModelError
from alaas.modalities import Modality
from alaas.types import ModalityName

_SAID: Final = ("preprocess", "outputs", "tokenizer", "max_length")
"""Settings that whoever makes a network may give along with it."""
Inputs: TypeAlias = tuple[TensorSpec, ...]
_IN_ORDER: Final = ("embeddings", "logits", "probs")


def open_network(
    name: str,
    model: ModelSettings,
    *,
    modality: ModalityName | None,
    limits: LimitSettings,
    make: Callable[[], Any],
) -> Encoder:
    """Make a network, try it on an example, and make an encoder of what it gives.

    A dict's outputs have its names. One tensor is taken for embeddings, two for embeddings and logits, unless
    ``model.outputs`` names others; but a classifier that ends in a linear layer gives what goes into that
    layer as embeddings, and what comes out as logits.

    Raises:
        ConfigError: it is no network, or what it gives cannot be told.
        ModelError: it fails on an example.
    """
    network, settings = _made(name, make(), model)
    decoding = _modality(name, settings, modality, limits)
    given, inputs = specs(decoding)
    made = _split(name, network, settings, given, inputs) or _whole(name, network, settings, given, inputs)
    return TorchEncoder(
        name=name,
        modality=decoding,
        model=settings,
        limits=limits,
        readout=choose_outputs(name, made.outputs, settings.outputs),
        make=lambda: made,
    )


def _made(name: str, found: Any, model: ModelSettings) -> tuple[Any, ModelSettings]:
    """The network, and the settings with what was said along with it."""
    import torch

    network, said = found if isinstance(found, tuple) and len(found) == 2 else (found, {})
    if not isinstance(network, torch.nn.Module) or not isinstance(said, Mapping):
        raise ConfigError(
            f"{name} makes a {type(network).__name__}; expected a torch.nn.Module, or a pair of it and a "
            "dict of settings"
        )
    unknown = sorted(set(said) - set(_SAID))
    if unknown:
        raise ConfigError(f"{name} says {', '.join(unknown)} of itself; expected only {', '.join(_SAID)}")
    try:
        own = ModelSettings.model_validate(dict(said))
    except ValidationError as error:
        raise ConfigError(f"what {name} says of itself is malformed: {error}") from error
    kept = {key: getattr(own, key) for key in said if _silent(model, key)}
    return network.eval(), model.model_copy(update=kept)


def _silent(model: ModelSettings, key: str) -> bool:
    """Whether the configuration leaves a setting as it is by itself."""
    return bool(getattr(model, key) == ModelSettings.model_fields[key].default)


def _modality(
    name: str, model: ModelSettings, modality: ModalityName | None, limits: LimitSettings
) -> Modality:
    from alaas.modalities.text import Text

    kind = modality or ("text" if model.tokenizer else "image")
    if kind == "image":
        return pictures(model, PreprocessSettings(), limits)
    if kind == "text" and model.tokenizer:
        return Text(tokenizer=Path(model.tokenizer).expanduser(), max_length=model.max_length, limits=limits)
    raise ConfigError(
        f"the model {name} is given {kind} items; it may be given images, or texts with a tokenizer.json "
        "under model.tokenizer"
    )


def _forward(network: Any, tensors: dict[str, Any]) -> Any:
    """Pictures as the one argument, whatever it is called; token ids and mask by name."""
    return first(network, tensors) if len(tensors) == 1 else network(**tensors)


def _split(
    name: str, network: Any, model: ModelSettings, given: dict[str, Any], inputs: Inputs
) -> Network | None:
    """As a classifier, if nobody said otherwise and it is one."""
    if model.outputs != OutputSettings():
        return None
    try:
        split = split_classifier(network, _forward, given)
    except Exception as error:  # somebody's own code
        raise _failed(name, given, error) from error
    if split is None:
        return None
    head = split["head"]
    outputs = vectors(embeddings=head.in_features, logits=head.out_features)
    return Network(name=name, module=split, call=call_split(_forward), inputs=inputs, outputs=outputs)


def _whole(name: str, network: Any, model: ModelSettings, given: dict[str, Any], inputs: Inputs) -> Network:
    import torch

    said = [meaning for meaning in _IN_ORDER if getattr(model.outputs, meaning)]
    names = [str(getattr(model.outputs, meaning)) for meaning in said] or list(_IN_ORDER[:2])

    def call(module: Any, tensors: dict[str, Any]) -> Mapping[str, Any]:
        return _named(name, _forward(module, tensors), names)

    with torch.inference_mode():
        try:
            found = call(network, given)
        except ConfigError:
            raise
        except Exception as error:  # somebody's own code
            raise _failed(name, given, error) from error
    outputs = tuple(
        TensorSpec(name=key, dtype=str(value.dtype).removeprefix("torch."), shape=(None, *value.shape[1:]))
        for key, value in found.items()
    )
    return Network(name=name, module=network, call=call, inputs=inputs, outputs=outputs)


def _named(name: str, found: Any, names: Sequence[str]) -> dict[str, Any]:
    import torch

    if isinstance(found, Mapping):
        return {str(key): value for key, value in found.items() if isinstance(value, torch.Tensor)}
    values = list(found) if isinstance(found, tuple | list) else [found]
    if not all(isinstance(value, torch.Tensor) for value in values) or len(values) > len(names):
        raise ConfigError(
            f"the network {name} returns {len(values)} values of type {type(values[0]).__name__}; expected "
            "one tensor, a pair of embeddings and logits, or a dict of tensors by name"
        )
    return dict(zip(names, values, strict=False))


def _failed(name: str, given: dict[str, Any], error: Exception) -> ModelError:
    shapes = ", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in given.items())
    return ModelError(f"the network {name} fails on {shapes}: {type(error).__name__}: {error}")
