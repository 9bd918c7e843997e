"""Models of the Hugging Face hub that hold an ONNX file: ``hf:owner/name`` or ``hf:owner/name@revision``."""

from __future__ import annotations

from pathlib import Path

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._declared import images, open_declared, taken, text
from alaas.encoders._hub_files import HubFiles
from alaas.encoders._readout import choose_outputs
from alaas.engines import read_onnx_header
from alaas.errors import ConfigError, ModelError
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
        repository, revision = _parts(name, model.revision)
        files = HubFiles(name, _fetch(name, repository, revision))
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


def _parts(name: str, revision: str | None) -> tuple[str, str | None]:
    """``hf:owner/name@revision`` → repository and revision."""
    repository, _, named = name.removeprefix("hf:").partition("@")
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise ConfigError(
            f"{name!r} does not name a hub model; write hf:owner/name or hf:owner/name@revision"
        )
    if named and revision and named != revision:
        raise ConfigError(f"{name!r} names revision {named!r}, but model.revision is {revision!r}; keep one")
    return repository, named or revision


def _fetch(name: str, repository: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=list(_PATTERNS)))
    except Exception as error:  # the library's own, of its HTTP client, of the disk: all mean the same here
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"cannot get the model {name} from the Hugging Face hub: {reason}") from error
