"""A model that a server runs: decoded and read out here, computed there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from alaas.config import LimitSettings, ModelSettings, OutputSettings
from alaas.encoders._base import Encoder
from alaas.encoders._declared import images, taken, text
from alaas.encoders._model_encoder import ModelEncoder
from alaas.encoders._packaged import PackagedEncoder
from alaas.encoders._readout import Readout, choose_outputs
from alaas.engines import LoadedModel, RemoteEngine, open_engine
from alaas.errors import ConfigError, ModelError
from alaas.modalities import Modality
from alaas.types import ModalityName


class Served(ModelEncoder):
    """An encoder over a model on a server.

    Args:
        name: what messages and results call it.
        modality: makes the model's inputs.
        engine: asks the server.
        readout: what the outputs mean.
        calls: calls under way at the same time.
    """

    def __init__(
        self, *, name: str, modality: Modality, engine: RemoteEngine, readout: Readout, calls: int
    ) -> None:
        super().__init__(name=name, modality=modality, readout=readout)
        self.engine = engine
        self._calls = calls

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make the encoder that ``model.engine`` serves.

        A model of the zoo is decoded and read out as the zoo does it, and its weights are not fetched. Of any
        other, the server is asked what it takes and gives. Where ``engine.model`` is not set, the server
        knows the model by ``model.name``.

        Raises:
            ConfigError: the settings do not fit the model.
            ModelError: the server cannot be asked, or says too little.
        """
        named = model.name or model.engine.model
        engine = open_engine(model.engine.model_copy(update={"model": model.engine.model or named}))
        if not isinstance(engine, RemoteEngine) or named is None:
            raise ConfigError("model.engine.model is not set: say what the server calls the model")
        zoo = _zoo(named)
        if zoo is not None and not engine.takes_texts:
            readout, decoding = _zoo_readout(zoo, engine, model), _zoo_modality(zoo, engine, model, limits)
        else:
            readout, decoding = _declared(named, engine, model, modality, limits)
        return cls(
            name=named, modality=decoding, engine=engine, readout=readout, calls=model.engine.connections
        )

    @property
    def calls(self) -> int | None:
        return self._calls

    @property
    def fingerprint(self) -> str:
        """Holds what the server says of the model, so it is asked."""
        info = self.engine.info
        served = f"{info.name} {info.version} {self.engine.identity()}"
        return f"{self.modality.fingerprint} | served | {self.readout} | {served}"

    def graph(self) -> None:
        """There is no file here.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"the model {self.name} runs on a server, so there is no file of it here to export")

    def open_model(self) -> LoadedModel:
        readout = self.readout
        read = (readout.embeddings, readout.probs or readout.logits)
        return self.engine.connect([name for name in read if name is not None])

    def _feed(self, model: LoadedModel, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        if len(model.inputs) == 1 and len(arrays) == 1:  # nothing to confuse, whatever the server calls it
            return {model.inputs[0].name: next(iter(arrays.values()))}
        return super()._feed(model, arrays)


def _zoo(name: str) -> type[PackagedEncoder] | None:
    from alaas.encoders._open import registry

    kind = registry.get(name) if name in registry else None
    return kind if kind is not None and issubclass(kind, PackagedEncoder) else None


def _zoo_readout(zoo: type[PackagedEncoder], engine: RemoteEngine, model: ModelSettings) -> Readout:
    """As the zoo reads out, unless the server's outputs have names of their own."""
    if model.outputs == OutputSettings():
        return zoo.outputs()
    return choose_outputs(zoo.about.name, engine.header().outputs, model.outputs)


def _zoo_modality(
    zoo: type[PackagedEncoder], engine: RemoteEngine, model: ModelSettings, limits: LimitSettings
) -> Modality:
    """As the zoo decodes; with a tokenizer of one's own, that of the weights' package is not fetched."""
    if model.tokenizer is None:
        return zoo.make_modality(model, limits)
    return text(_tokenizer(model), engine.header(), model.max_length, limits)


def _declared(
    name: str,
    engine: RemoteEngine,
    model: ModelSettings,
    modality: ModalityName | None,
    limits: LimitSettings,
) -> tuple[Readout, Modality]:
    header = engine.header()
    readout = choose_outputs(name, header.outputs, model.outputs)
    strings = [spec for spec in header.inputs if spec.dtype == "string"]
    kind = "text" if strings else taken(name, header)
    if modality is not None and modality != kind:
        raise ConfigError(f"the model {name!r} takes {kind} items, but the modality is {modality}")
    if kind == "image":
        return readout, images(name, header, model.preprocess, limits)
    if not strings:
        return readout, text(_tokenizer(model), header, model.max_length, limits)
    if len(header.inputs) > 1:
        raise ConfigError(
            f"the model {name} takes {', '.join(spec.name for spec in header.inputs)}; expected one input of "
            "texts"
        )
    from alaas.modalities.raw_text import RawText

    column = len(strings[0].shape) == 2
    return readout, RawText(limits=limits, input_name=strings[0].name, column=column)


def _tokenizer(model: ModelSettings) -> Path:
    if model.tokenizer is None:
        raise ConfigError(
            f"the model {model.engine.model or model.name} takes token ids; name its tokenizer.json under "
            "model.tokenizer"
        )
    return Path(model.tokenizer).expanduser()
