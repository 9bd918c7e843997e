"""Classifiers of torchvision: ``torchvision:resnet18``, ``torchvision:resnet18@IMAGENET1K_V1``."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.encoders._base import Encoder
from alaas.encoders._readout import Readout
from alaas.encoders._torch_classifier import call_split, first, split_classifier
from alaas.encoders._torch_encoder import TorchEncoder, declares_itself, library
from alaas.encoders._torch_tensors import pictures, seeded, specs, vectors
from alaas.engines.torch import Network
from alaas.errors import ConfigError, ModelError, UnknownNameError
from alaas.modalities import Modality
from alaas.types import ModalityName

_PREFIX: Final = "torchvision:"
_RANDOM: Final = "none"
_CONVOLUTION_LAST: Final = "squeezenet"
"""Its scores are averages of a map: there is no vector from which they come."""


class Torchvision(Encoder):
    """Opens ``model.name`` beginning with ``torchvision:``; the weights are fetched when they are needed."""

    @classmethod
    def open(
        cls,
        model: ModelSettings,
        *,
        modality: ModalityName | None,  # noqa: ARG003  (who calls compares it)
        limits: LimitSettings,
    ) -> Encoder:
        """Make an encoder over a classifier: embeddings before its last layer, probabilities after it.

        ``@`` names the weights: one of torchvision's, by default its best, or ``none`` for random ones.

        Raises:
            MissingExtraError: torchvision is not installed.
            UnknownNameError: torchvision has no classifier of that name.
            ConfigError: no such weights, or ``model.outputs`` is set.
        """
        name = model.name or ""
        models = library("torchvision.models", name, "torchvision")
        declares_itself(name, model)
        entry, _, wanted = name.removeprefix(_PREFIX).partition("@")
        known = models.list_models(module=models)
        if entry not in known:
            raise UnknownNameError("torchvision classifier", entry, known)
        weights = _weights(entry, wanted, models.get_model_weights(entry))
        declared = (weights or models.get_model_weights(entry).DEFAULT).transforms()
        decoding = pictures(model, _preprocess(declared), limits)
        both = not entry.startswith(_CONVOLUTION_LAST)
        return TorchEncoder(
            name=name,
            modality=decoding,
            model=model,
            limits=limits,
            readout=Readout(embeddings="embeddings" if both else None, logits="logits"),
            make=partial(_make, name, models, entry, weights, decoding),
            libraries=("torchvision",),
        )


def _weights(entry: str, wanted: str, known: Any) -> Any | None:
    if wanted == _RANDOM:
        return None
    if wanted and wanted not in known.__members__:
        raise ConfigError(
            f"torchvision has no weights {wanted!r} of {entry}; it has {', '.join(known.__members__)}, and "
            f"{_RANDOM} are random ones"
        )
    return known[wanted or "DEFAULT"]


def _preprocess(declared: Any) -> PreprocessSettings:
    size = declared.crop_size[0]
    return PreprocessSettings(
        size=size,
        resize="crop",
        crop_share=min(1.0, size / declared.resize_size[0]),
        interpolation=declared.interpolation.value,
        mean=tuple(declared.mean),
        std=tuple(declared.std),
    )


def _make(name: str, models: Any, entry: str, weights: Any | None, decoding: Modality) -> Network:
    options = {"init_weights": False} if entry in ("googlenet", "inception_v3") and not weights else {}
    try:
        network = seeded(partial(models.get_model, entry, weights=weights, **options)).eval()
    except Exception as error:  # of the network, the disk, or the file: all mean the same here
        raise ModelError(f"cannot get the weights of {name}: {error}") from error
    given, inputs = specs(decoding)
    if entry.startswith(_CONVOLUTION_LAST):
        return Network(
            name=name,
            module=network,
            call=lambda module, tensors: {"logits": first(module, tensors)},
            inputs=inputs,
            outputs=vectors(logits=None),
        )
    split = split_classifier(network, first, given)
    if split is None:
        raise ModelError(f"{name} does not end in a linear layer, so its embeddings cannot be told")
    head = split["head"]
    return Network(
        name=name,
        module=split,
        call=call_split(first),
        inputs=inputs,
        outputs=vectors(embeddings=head.in_features, logits=head.out_features),
    )
