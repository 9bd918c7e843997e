"""Models of the Hugging Face hub that hold an ONNX file: ``hf:owner/name`` or ``hf:owner/name@revision``."""

from __future__ import annotations

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._declared import images, open_declared, taken, text
from alaas.encoders._hub import fetch, repository_of
from alaas.encoders._hub_files import HubFiles
from alaas.encoders._readout import choose_outputs
from alaas.engines import read_onnx_header
from alaas.errors import ConfigError
from alaas.types import ModalityName

_PATTERNS = (
    "onnx/model.onnx",
    "model.onnx",
    "tokenizer.json",
    "tokenizer_config.json",
    "config.json",
    "preprocessor_config.json",
    "sentence_bert_config.json",
    "modules.json",
    "1_Pooling/config.json",
)
"""All that is ever fetched: data only, no code and no pickle."""


class HuggingFace(Encoder):
    """Opens ``model.name`` beginning with ``hf:``.

    What such a model takes and gives stands in its files, so opening it fetches them (the hub's library keeps
    them); it is loaded when it is needed.
    """

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make an encoder over the hub model, with the pre-processing that its own files declare.

        Raises:
            ModelError: the files cannot be had, or hold no ONNX model.
            ConfigError: its inputs or outputs cannot be understood, or do not fit the settings.
        """
        name = model.name or ""
        repository, revision = repository_of(name, "hf:", model.revision)
        files = HubFiles(name, fetch(name, repository, revision, _PATTERNS))
        path = files.model()
        header = read_onnx_header(path)
        kind = taken(name, header)
        if modality is not None and modality != kind:
            raise ConfigError(f"the model {name!r} takes {kind} items, but the modality is {modality}")
        chosen = "pooling" in model.outputs.model_fields_set
        outputs = model.outputs if chosen else model.outputs.model_copy(update={"pooling": files.pooling()})
        readout = choose_outputs(name, header.outputs, outputs, normalise=files.normalises())
        if kind == "image":
            decoding = images(name, header, model.preprocess or files.preprocess(), limits)
        else:
            decoding = text(files.tokenizer(), header, files.max_length(model.max_length), limits)
        return open_declared(path, header, model=model, modality=decoding, readout=readout)
