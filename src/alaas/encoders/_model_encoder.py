"""What every encoder with a model shares: load once, feed by name, read out, refuse what is not finite."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.encoders._base import EncodedBatch, Encoder
from alaas.encoders._readout import Readout
from alaas.engines import LoadedModel
from alaas.errors import ModelError
from alaas.modalities import Decoded, Modality

_INTEGERS = ("int32", "int64")


class ModelEncoder(Encoder):
    """An encoder over one model, wherever that comes from: whoever extends it says how it is opened.

    Args:
        name: what messages and results call it.
        modality: makes the model's inputs; arrays that the model has no input for are left out.
        readout: what the outputs mean.
    """

    def __init__(self, *, name: str, modality: Modality, readout: Readout) -> None:
        self.name = name
        self.modality = modality
        self.readout = readout
        self.provides = readout.provides
        self._lock = threading.RLock()
        self._loaded: LoadedModel | None = None

    @abstractmethod
    def open_model(self) -> LoadedModel:
        """Get the model ready to run; called once, under the lock.

        Raises:
            ModelError: it cannot be obtained or loaded.
        """

    @property
    def precision(self) -> str | None:
        return self._model().precision

    def load(self) -> None:
        self._model()

    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        model = self._model()
        arrays = self.modality.collate(batch)
        encoded = self.readout.read(model.run(self._feed(model, arrays)), arrays.get("attention_mask"))
        for signal, values in (("embeddings", encoded.embeddings), ("probs", encoded.probs)):
            if values is None:
                continue
            if values.shape[0] != len(batch):
                raise ModelError(f"{self.name} gave {values.shape[0]} {signal} for {len(batch)} items")
            if not np.isfinite(values).all():
                raise ModelError(
                    f"{self.name} gave {signal} that are not finite; the item is too unlike its data"
                )
        return encoded

    def _model(self) -> LoadedModel:
        loaded = self._loaded
        if loaded is None:
            with self._lock:  # the first caller loads, the others wait for it
                if self._loaded is None:
                    self._loaded = self.open_model()
                loaded = self._loaded
        return loaded

    def _feed(self, model: LoadedModel, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        feed = {}
        for spec in model.inputs:
            if spec.name not in arrays:
                raise ModelError(
                    f"{self.name} wants an input {spec.name!r}, but {self.modality.name} items make only "
                    f"{', '.join(arrays)}"
                )
            array = arrays[spec.name]
            exporters_choice = spec.dtype in _INTEGERS and str(array.dtype) in _INTEGERS
            feed[spec.name] = array.astype(spec.dtype, copy=False) if exporters_choice else array
        return feed
