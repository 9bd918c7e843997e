"""Models of the transformers library: ``transformers:owner/name``, with a revision, or a folder."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.encoders._base import Encoder
from alaas.encoders._hub_files import HubFiles
from alaas.encoders._readout import Readout
from alaas.encoders._torch_classifier import call_split, split_classifier
from alaas.encoders._torch_encoder import TorchEncoder, declares_pooling_only, library
from alaas.encoders._torch_tensors import specs, vectors
from alaas.encoders._transformer_files import TransformerFiles
from alaas.engines.torch import Network
from alaas.errors import ConfigError, ModelError
from alaas.modalities import Modality
from alaas.types import ModalityName

PREFIX: Final = "transformers:"
_TEXT: Final = ("input_ids", "attention_mask", "token_type_ids")
_IMAGE: Final = "pixel_values"
_CLASSIFIERS: Final = {
    "ForImageClassification": "AutoModelForImageClassification",
    "ForSequenceClassification": "AutoModelForSequenceClassification",
}


class Transformers(Encoder):
    """Opens ``model.name`` beginning with ``transformers:``; the weights are fetched when they are needed."""

    @classmethod
    def open(
        cls,
        model: ModelSettings,
        *,
        modality: ModalityName | None,  # noqa: ARG003  (who calls compares it)
        limits: LimitSettings,
    ) -> Encoder:
        """Make an encoder over a model of texts or of images.

        A classifier gives what goes into its last layer, and probabilities. Any other gives its last hidden
        state: of texts pooled as the repository says, else the mean over real tokens; of images the class
        token if it has one, else the mean.

        Raises:
            MissingExtraError: transformers is not installed.
            ModelError: the files cannot be had, or ask for code of their own.
            ConfigError: the architecture is not known, or takes neither texts nor images alone.
        """
        name = model.name or ""
        found = library("transformers", name, "transformers")
        declares_pooling_only(name, model)
        files = TransformerFiles(name, PREFIX, model)
        kind, classifies = _kind(found, name, files.config())
        takes = [n for n in inspect.signature(kind.forward).parameters if n in (*_TEXT, _IMAGE)]
        hub = HubFiles(name, files.folder)
        if _IMAGE in takes and "input_ids" in takes:
            raise ConfigError(
                f"the model {name} takes texts and images together; name a model of one of them, or a "
                "factory of your own that makes its image part"
            )
        decoding = (
            _pictures(name, model, hub, limits) if _IMAGE in takes else texts(model, hub, limits, takes)
        )
        pooling = "cls" if _IMAGE in takes and _has_class_token(found, kind, files) else hub.pooling()
        readout = Readout(
            embeddings="embeddings",
            logits="logits" if classifies else None,
            pooling=model.outputs.pooling if "pooling" in model.outputs.model_fields_set else pooling,
            normalise=not classifies and hub.normalises(),
        )
        return TorchEncoder(
            name=name,
            modality=decoding,
            model=model,
            limits=limits,
            readout=readout,
            make=partial(_make, name, kind, files, decoding, classifies),
            libraries=("transformers",),
        )


def _kind(library: Any, name: str, config: Mapping[str, Any]) -> tuple[Any, bool]:
    """The class that the weights are of, and whether it classifies."""
    architecture = str((config.get("architectures") or [""])[0])
    kind = getattr(library, architecture, None)
    if kind is None:
        raise ConfigError(
            f"the model {name} is a {architecture or 'model without a name'}, which transformers "
            f"{library.__version__} does not have; install a later one, or name another model"
        )
    if architecture.endswith(tuple(_CLASSIFIERS)):
        return kind, True
    settings = library.AutoConfig.for_model(config["model_type"])
    return library.AutoModel._model_mapping[type(settings)], False


def _has_class_token(library: Any, kind: Any, files: TransformerFiles) -> bool:
    import torch

    with torch.device("meta"):  # its structure without its weights
        network = kind(library.AutoConfig.from_pretrained(files.folder, trust_remote_code=False))
    return any(path.endswith("cls_token") for path, _ in network.named_parameters())


def _pictures(name: str, model: ModelSettings, hub: HubFiles, limits: LimitSettings) -> Modality:
    from alaas.modalities.image import Image

    declared: PreprocessSettings | None = model.preprocess or hub.preprocess()
    if declared is None:
        raise ConfigError(
            f"the model {name} has no preprocessor_config.json; say how images become its input under "
            "model.preprocess"
        )
    return Image(preprocess=declared, limits=limits, input_name=_IMAGE)


def texts(model: ModelSettings, hub: HubFiles, limits: LimitSettings, takes: list[str]) -> Modality:
    """Texts by the model's own ``tokenizer.json``; the mask is always made, for pooling.

    Raises:
        ModelError: there is none.
    """
    from alaas.modalities.text import Text

    inputs = tuple(name for name in _TEXT if name in takes or name == "attention_mask")
    return Text(
        tokenizer=hub.tokenizer(), max_length=hub.max_length(model.max_length), limits=limits, inputs=inputs
    )


def _make(name: str, kind: Any, files: TransformerFiles, decoding: Modality, classifies: bool) -> Network:
    network = _loaded(name, kind, files)
    given, inputs = specs(decoding)
    if not classifies:
        return Network(
            name=name,
            module=network,
            call=lambda module, tensors: {"embeddings": module(**tensors).last_hidden_state},
            inputs=inputs,
            outputs=vectors(embeddings=None),
        )
    split = split_classifier(network, _scores, given)
    if split is None:
        raise ModelError(f"{name} does not end in a linear layer, so its embeddings cannot be told")
    head = split["head"]
    outputs = vectors(embeddings=head.in_features, logits=head.out_features)
    return Network(name=name, module=split, call=call_split(_scores), inputs=inputs, outputs=outputs)


def _scores(network: Any, tensors: dict[str, Any]) -> Any:
    return network(**tensors).logits


def _loaded(name: str, kind: Any, files: TransformerFiles) -> Any:
    """The network with its weights, all of them: what is missing would be random."""
    folder = files.with_weights()
    try:
        with quiet():
            network, report = kind.from_pretrained(
                folder,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except Exception as error:  # the library's own, of the file, of the network's code
        raise ModelError(f"cannot load the model {name} from {folder}: {error}") from error
    missing = sorted(key for key in report["missing_keys"] if "pooler." not in key)
    if missing:
        raise ModelError(
            f"the weights of {name} lack {', '.join(missing[:3])}: they are of another network than "
            f"{kind.__name__}"
        )
    return network.eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the library's bars and reports, which would go between our own."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
