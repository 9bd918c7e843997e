"""Models of sentence-transformers: ``sentence-transformers:owner/name``, with a revision, or a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._hub_files import HubFiles
from alaas.encoders._readout import Readout
from alaas.encoders._torch_encoder import TorchEncoder, declares_itself, library
from alaas.encoders._torch_tensors import specs, vectors
from alaas.encoders._transformer_files import TransformerFiles
from alaas.encoders.transformers import quiet, texts
from alaas.engines.torch import Network
from alaas.errors import ConfigError, ModelError
from alaas.modalities import Modality
from alaas.types import ModalityName

PREFIX: Final = "sentence-transformers:"


class SentenceTransformers(Encoder):
    """Opens ``model.name`` beginning with ``sentence-transformers:``; weights are fetched when needed.

    The library pools and scales as the model's ``modules.json`` says; its tokenizer is ours, so that texts
    are cut and batched as for every other model.
    """

    @classmethod
    def open(
        cls,
        model: ModelSettings,
        *,
        modality: ModalityName | None,  # noqa: ARG003  (who calls compares it)
        limits: LimitSettings,
    ) -> Encoder:
        """Make an encoder of texts.

        Raises:
            MissingExtraError: sentence-transformers is not installed.
            ModelError: the files cannot be had, or ask for code of their own.
            ConfigError: ``model.outputs`` is set, or the model puts a prompt before every text.
        """
        name = model.name or ""
        library("sentence_transformers", name, "sentence-transformers")
        declares_itself(name, model)
        files = TransformerFiles(name, PREFIX, model)
        files.config()
        _check_modules(name, files)
        hub = HubFiles(name, files.folder)
        if hub.prompt():
            raise ConfigError(
                f"the model {name} puts {hub.prompt()!r} before every text, which is not done here; put it "
                "into the texts and name the model as transformers:"
            )
        decoding = texts(model, hub, limits, [*hub.inputs(), "input_ids"])
        return TorchEncoder(
            name=name,
            modality=decoding,
            model=model,
            limits=limits,
            readout=Readout(embeddings="embeddings"),
            make=partial(_make, name, files, decoding),
            libraries=("sentence-transformers", "transformers"),
        )


def _check_modules(name: str, files: TransformerFiles) -> None:
    """Refuse classes that are not the library's own: it would import whatever a file names."""
    path = files.folder / "modules.json"
    try:
        kinds = [str(module["type"]) for module in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the model {name} has no modules.json that can be read ({error}); for a plain transformer write "
            "transformers: instead of sentence-transformers:"
        ) from error
    foreign = [kind for kind in kinds if not kind.startswith("sentence_transformers.")]
    if foreign:
        raise ModelError(f"the model {name} brings code of its own, {foreign[0]}, which is not run")


def _make(name: str, files: TransformerFiles, decoding: Modality) -> Network:
    from sentence_transformers import SentenceTransformer

    folder = files.with_weights()
    try:
        with quiet():
            network = SentenceTransformer(
                str(folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            ).eval()
    except Exception as error:  # the library's own, of the file, of the network's code
        raise ModelError(f"cannot load the model {name} from {folder}: {error}") from error

    def call(module: Any, tensors: dict[str, Any]) -> Mapping[str, Any]:
        return {"embeddings": module(dict(tensors))["sentence_embedding"]}

    return Network(
        name=name, module=network, call=call, inputs=specs(decoding)[1], outputs=vectors(embeddings=None)
    )
