"""An encoder from a file that the zoo does not know, by what its header and the settings say."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Literal

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.encoders._model_file import ModelFile
from alaas.encoders._onnx import OnnxEncoder
from alaas.encoders._packages import file_sha256
from alaas.encoders._readout import Readout
from alaas.engines import ModelHeader, TensorSpec, open_engine
from alaas.errors import ConfigError
from alaas.modalities import Modality

_TEXT_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_SCALES = {"uint8": "uint8", "float16": "float16"}


def open_declared(
    path: Path,
    header: ModelHeader,
    *,
    model: ModelSettings,
    modality: Modality,
    readout: Readout,
    kind: type[OnnxEncoder] = OnnxEncoder,
) -> OnnxEncoder:
    """An encoder over the file at ``path``; its digest is taken when it is first needed."""
    return kind(
        name=model.name or path.name,
        modality=modality,
        engine=open_engine(model.engine, threads=model.threads),
        readout=readout,
        obtain=partial(_found, path, header),
        batch_size=model.batch_size,
    )


def taken(name: str, header: ModelHeader) -> Literal["image", "text"]:
    """Whether the model takes texts or images, by its inputs.

    Raises:
        ConfigError: it takes neither, or both.
    """
    names = [spec.name for spec in header.inputs]
    pictures = [spec for spec in header.inputs if len(spec.shape) in (0, 4) and spec.name not in _TEXT_INPUTS]
    if "input_ids" in names and not pictures:
        return "text"
    if len(names) == 1 and pictures:
        return "image"
    raise ConfigError(
        f"the model {name} takes {', '.join(names) or 'nothing'}; expected one input of images with four "
        f"axes, or texts as {', '.join(_TEXT_INPUTS)}: export the image or the text part alone"
    )


def images(
    name: str, header: ModelHeader, settings: PreprocessSettings | None, limits: LimitSettings
) -> Modality:
    """Images for the model's one input; without settings, its shape and type say size and layout.

    Raises:
        ConfigError: the settings make images of another shape than the model takes.
    """
    from alaas.modalities.image import Image

    spec = header.inputs[0]
    preprocess = _guessed(spec, PreprocessSettings()) if settings is None else settings
    size = preprocess.size
    height, width = (size, size) if isinstance(size, int) else size
    made = (3, height, width) if preprocess.layout == "nchw" else (height, width, 3)
    if spec.shape and any(isinstance(w, int) and w != g for w, g in zip(spec.shape[1:], made, strict=True)):
        raise ConfigError(
            f"model.preprocess makes images of shape {made}, but the input {spec.name!r} of {name} takes "
            f"{spec.shape[1:]}; set size and layout under model.preprocess"
        )
    return Image(preprocess=preprocess, limits=limits, input_name=spec.name)


def text(tokenizer: Path, header: ModelHeader, max_length: int, limits: LimitSettings) -> Modality:
    """Texts for the model's inputs; the mask is made even if the model has no use for it, for pooling.

    Raises:
        ConfigError: the model has an input that no text gives.
    """
    from alaas.modalities.text import Text

    names = dict.fromkeys([*(spec.name for spec in header.inputs), "attention_mask"])
    return Text(tokenizer=tokenizer, max_length=max_length, limits=limits, inputs=tuple(names))


def _guessed(spec: TensorSpec, preprocess: PreprocessSettings) -> PreprocessSettings:
    shape = spec.shape
    layout = "nhwc" if len(shape) == 4 and shape[3] == 3 else "nchw"
    sides = () if not shape else shape[1:3] if layout == "nhwc" else shape[2:4]
    found = {"layout": layout, "dtype": _SCALES.get(spec.dtype, "float32")}
    if len(sides) == 2 and isinstance(sides[0], int) and isinstance(sides[1], int):
        return preprocess.model_copy(update={**found, "size": (sides[0], sides[1])})
    return preprocess.model_copy(update=found)


def _found(path: Path, header: ModelHeader) -> ModelFile:
    return ModelFile(path=path, sha256=_digest(path, header))


def _digest(path: Path, header: ModelHeader) -> str:
    """The file's sha256; where weights lie beside it, over the digests of all of them."""
    own = file_sha256(path)
    beside = [path.parent / location for location in header.external]
    if not beside:
        return own
    found = [file_sha256(part) if part.is_file() else "missing" for part in beside]
    return hashlib.sha256("\n".join([own, *found]).encode()).hexdigest()


def tokenizer_beside(model: ModelSettings, path: Path) -> Path:
    """The tokenizer that is named, else the one beside the model.

    Raises:
        ConfigError: there is none.
    """
    found = Path(model.tokenizer).expanduser() if model.tokenizer else path.with_name("tokenizer.json")
    if not found.is_file():
        raise ConfigError(
            f"the model {path} takes texts, but there is no tokenizer at {found}; "
            "name a tokenizer.json under model.tokenizer"
        )
    return found
