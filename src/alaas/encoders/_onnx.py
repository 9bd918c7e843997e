"""What every encoder with an ONNX file shares: obtain once, load once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alaas.encoders._base import EncoderGraph
from alaas.encoders._readout import Readout
from alaas.encoders._running import ModelEncoder
from alaas.engines import Batch, Engine, LoadedModel
from alaas.errors import ModelError
from alaas.modalities import Modality


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """An ONNX file that is there, and its digest."""

    path: Path
    sha256: str


class OnnxEncoder(ModelEncoder):
    """An encoder over one ONNX file.

    Args:
        name: what messages and results call it.
        modality: makes the model's inputs; arrays that the model has no input for are left out.
        engine: what runs the file.
        readout: what the outputs mean.
        obtain: gets the file when it is first needed; called once.
        batch_size: items that one call will be given, for an engine that tries itself out.
    """

    def __init__(
        self,
        *,
        name: str,
        modality: Modality,
        engine: Engine,
        readout: Readout,
        obtain: Callable[[], ModelFile],
        batch_size: int = 1,
    ) -> None:
        self.name = name
        self.modality = modality
        self.engine = engine
        self.readout = readout
        self.provides = readout.provides
        self.batch_size = batch_size
        self._obtain = obtain
        self._lock = threading.RLock()
        self._found: ModelFile | None = None
        self._settled: Engine | None = None
        self._loaded: LoadedModel | None = None

    @property
    def fingerprint(self) -> str:
        file, info = self._file(), self._engine().info
        runs = f"{info.name} {info.version} {info.precision} {info.device}"
        return f"{self.modality.fingerprint} | sha256 {file.sha256} | {self.readout} | {runs}"

    def graph(self) -> EncoderGraph:
        readout = self.readout
        if readout.embeddings is None:
            raise ModelError(
                f"{self.name} gives no embeddings, only class probabilities; name the output that holds them "
                "under model.outputs.embeddings"
            )
        masked = "attention_mask" in getattr(self.modality, "inputs", ())
        return EncoderGraph(
            path=self._file().path,
            embeddings=readout.embeddings,
            pooling=readout.pooling,
            normalise=readout.normalise,
            mask="attention_mask" if masked else None,
        )

    def _file(self) -> ModelFile:
        with self._lock:
            if self._found is None:
                self._found = self._obtain()
            return self._found

    def _model(self) -> LoadedModel:
        loaded = self._loaded
        if loaded is None:
            with self._lock:  # the first caller loads, the others wait for it
                if self._loaded is None:
                    self._loaded = self._engine().load(self._file().path)
                loaded = self._loaded
        return loaded

    def _engine(self) -> Engine:
        with self._lock:
            if self._settled is None:
                self._settled = self.engine.settled(self._file().path, self._example)
            return self._settled

    def _example(self) -> Batch:
        return self.modality.collate([self.modality.example() for _ in range(self.batch_size)])
