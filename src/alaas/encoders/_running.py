"""What every encoder that runs a loaded model shares: feed it, read it, check what comes out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.encoders._base import EncodedBatch, Encoder
from alaas.encoders._readout import Readout
from alaas.engines import LoadedModel
from alaas.errors import ModelError
from alaas.modalities import Decoded

_INTEGERS = ("int32", "int64")


class ModelEncoder(Encoder):
    """An encoder over a loaded model, whose outputs ``readout`` explains."""

    readout: Readout

    @abstractmethod
    def _model(self) -> LoadedModel:
        """The model, loaded by the first caller while the others wait."""

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
