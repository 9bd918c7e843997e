"""Models of timm: ``timm:mobilenetv3_small_100``, ``timm:hf-hub:owner/name``; ``@none``: random weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.encoders._base import Encoder
from alaas.encoders._readout import Readout
from alaas.encoders._torch_encoder import TorchEncoder, declares_itself, library
from alaas.encoders._torch_tensors import pictures, seeded, specs, vectors
from alaas.engines.torch import Network
from alaas.errors import ConfigError, ModelError, UnknownNameError
from alaas.modalities import Modality
from alaas.types import ModalityName

_PREFIX: Final = "timm:"
_RANDOM: Final = "@none"
_HUB: Final = ("hf-hub:", "hf_hub:")
_INTERPOLATIONS: Final = ("bilinear", "bicubic", "lanczos", "nearest")


class Timm(Encoder):
    """Opens ``model.name`` beginning with ``timm:``; the weights are fetched when they are needed."""

    @classmethod
    def open(
        cls,
        model: ModelSettings,
        *,
        modality: ModalityName | None,  # noqa: ARG003  (who calls compares it)
        limits: LimitSettings,
    ) -> Encoder:
        """Make an encoder: pooled features as embeddings, and probabilities if the model has classes.

        Raises:
            MissingExtraError: timm is not installed.
            UnknownNameError: timm has no model of that name.
            ConfigError: it takes no square colour pictures, or ``model.outputs`` is set.
        """
        name = model.name or ""
        timm = library("timm", name, "timm")
        declares_itself(name, model)
        entry, random = name.removeprefix(_PREFIX), name.endswith(_RANDOM)
        entry = entry.removesuffix(_RANDOM)
        declared = _declared(timm, name, entry)
        decoding = pictures(model, _preprocess(name, declared), limits)
        classes = int(declared.get("num_classes") or 0)
        return TorchEncoder(
            name=name,
            modality=decoding,
            model=model,
            limits=limits,
            readout=Readout(embeddings="embeddings", logits="logits" if classes else None),
            make=partial(_make, timm, name, entry, random, decoding, classes),
            libraries=("timm",),
        )


def _declared(timm: Any, name: str, entry: str) -> Mapping[str, Any]:
    """What timm says of the model: its pictures and its classes."""
    if entry.startswith(_HUB):
        try:
            found = timm.models.load_model_config_from_hf(entry.partition(":")[2])[0]
        except Exception as error:  # the library's own, of its HTTP client, of the disk
            raise ModelError(f"cannot get the model {name} from the Hugging Face hub: {error}") from error
        return dict(found)
    known = entry.partition(".")[0]
    if not timm.is_model(known):
        raise UnknownNameError("timm model", known, timm.list_models())
    found = timm.get_pretrained_cfg(entry, allow_unregistered=True)
    return dict(found.to_dict()) if found is not None else {"num_classes": 1000}


def _preprocess(name: str, declared: Mapping[str, Any]) -> PreprocessSettings:
    from timm.data import resolve_data_config

    data = resolve_data_config(pretrained_cfg=dict(declared))
    channels, height, width = data["input_size"]
    interpolation, mode = data["interpolation"], data.get("crop_mode", "center")
    if channels != 3 or mode not in ("center", "squash", "border"):
        raise ConfigError(
            f"{name} takes {channels} channels by crop mode {mode}; colour pictures are expected"
        )
    return PreprocessSettings(
        size=(height, width),
        resize={"center": "crop", "squash": "squash", "border": "pad"}[mode],
        crop_share=min(1.0, data["crop_pct"]) if mode == "center" else 1.0,
        interpolation=interpolation if interpolation in _INTERPOLATIONS else "bicubic",
        mean=tuple(data["mean"]),
        std=tuple(data["std"]),
    )


def _make(timm: Any, name: str, entry: str, random: bool, decoding: Modality, classes: int) -> Network:
    try:
        network = seeded(partial(timm.create_model, entry, pretrained=not random)).eval()
    except Exception as error:  # of the network, the disk, or the file: all mean the same here
        raise ModelError(f"cannot get the weights of {name}: {error}") from error

    def call(module: Any, tensors: dict[str, Any]) -> Mapping[str, Any]:
        maps = module.forward_features(next(iter(tensors.values())))
        found = {"embeddings": module.forward_head(maps, pre_logits=True)}
        return {**found, "logits": module.forward_head(maps)} if classes else found

    widths = {"embeddings": None, **({"logits": classes} if classes else {})}
    return Network(name=name, module=network, call=call, inputs=specs(decoding)[1], outputs=vectors(**widths))
