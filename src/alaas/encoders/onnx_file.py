"""A model of your own: any ONNX file that turns images or texts into embeddings, class scores, or both."""

from __future__ import annotations

from pathlib import Path

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._declared import images, open_declared, taken, text, tokenizer_beside
from alaas.encoders._readout import choose_outputs
from alaas.engines import read_onnx_header
from alaas.errors import ConfigError
from alaas.types import ModalityName


class OnnxFile(Encoder):
    """Opens ``model.name`` ending in ``.onnx``; only the header is read until the model is needed."""

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make an encoder over the file, with the pre-processing that the settings declare.

        Raises:
            ModelError: the file is missing or not ONNX.
            ConfigError: its inputs or outputs cannot be understood, or do not fit the settings.
        """
        name = model.name or ""
        path = Path(name).expanduser()
        header = read_onnx_header(path)
        kind = taken(name, header)
        if modality is not None and modality != kind:
            raise ConfigError(f"the model {name!r} takes {kind} items, but the modality is {modality}")
        readout = choose_outputs(name, header.outputs, model.outputs)
        if kind == "image":
            decoding = images(name, header, model.preprocess, limits)
        else:
            decoding = text(tokenizer_beside(model, path), header, model.max_length, limits)
        return open_declared(path, header, model=model, modality=decoding, readout=readout)
