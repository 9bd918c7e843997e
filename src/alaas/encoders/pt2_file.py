"""A model of your own as torch exports it: a ``.pt2`` file, run by torch."""

from __future__ import annotations

from pathlib import Path

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._declared import images, open_declared, taken, text, tokenizer_beside
from alaas.encoders._onnx import OnnxEncoder
from alaas.encoders._readout import choose_outputs
from alaas.encoders._torch_encoder import on_torch
from alaas.errors import ConfigError
from alaas.types import ModalityName


class Pt2File(Encoder):
    """Opens ``model.name`` ending in ``.pt2``; what it takes and gives stands in the file, so that is
    read.
    """

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make an encoder over the file, with the pre-processing that the settings declare.

        Raises:
            MissingExtraError: torch is not installed.
            ModelError: the file is missing, holds pickles, or is not an exported program.
            ConfigError: its inputs or outputs cannot be understood, or do not fit the settings.
        """
        from alaas.engines.torch import read_pt2_header

        name = model.name or ""
        path = Path(name).expanduser()
        header = read_pt2_header(path)
        kind = taken(name, header)
        if modality is not None and modality != kind:
            raise ConfigError(f"the model {name!r} takes {kind} items, but the modality is {modality}")
        readout = choose_outputs(name, header.outputs, model.outputs)
        if kind == "image":
            decoding = images(name, header, model.preprocess, limits)
        else:
            decoding = text(tokenizer_beside(model, path), header, model.max_length, limits)
        return open_declared(
            path, header, model=on_torch(name, model), modality=decoding, readout=readout, kind=_Program
        )


class _Program(OnnxEncoder):
    """What the file holds is no ONNX, so there is no graph to take elsewhere."""

    def graph(self) -> None:  # type: ignore[override]
        return None
