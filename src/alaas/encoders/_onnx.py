"""What every encoder with a model file shares: obtain once, settle on an engine, load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alaas.encoders._base import EncoderGraph
from alaas.encoders._model_encoder import ModelEncoder
from alaas.encoders._model_file import ModelFile, quantized_file
from alaas.encoders._readout import Readout
from alaas.engines import Batch, Engine, LoadedModel
from alaas.errors import ModelError
from alaas.modalities import Modality


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
        super().__init__(name=name, modality=modality, readout=readout)
        self.engine = engine
        self.batch_size = batch_size
        self._obtain = obtain
        self._found: ModelFile | None = None
        self._read: ModelFile | None = None
        self._settled: Engine | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """The engine that was chosen goes along: another machine might choose another."""
        make, (kind, args, kwargs) = super().__reduce__()
        if type(self.engine).settled is not Engine.settled:
            kwargs = {**kwargs, "engine": self._engine()}
        return make, (kind, args, kwargs)

    @property
    def fingerprint(self) -> str:
        file, info = self._file(), self._engine().info
        runs = f"{info.name} {info.version} {info.precision} {info.device} {info.options}".rstrip()
        return f"{self.modality.fingerprint} | sha256 {file.sha256} | {self.readout} | {runs}"

    @property
    def calls(self) -> int | None:
        return self.engine.calls

    def open_model(self) -> LoadedModel:
        return self._engine().load(self._file().path)

    def graph(self) -> EncoderGraph:
        readout = self.readout
        if readout.embeddings is None:
            raise ModelError(
                f"{self.name} gives no embeddings, only class probabilities; name the output that holds them "
                "under model.outputs.embeddings"
            )
        masked = "attention_mask" in getattr(self.modality, "inputs", ())
        return EncoderGraph(
            path=self.original().path,
            embeddings=readout.embeddings,
            pooling=readout.pooling,
            normalise=readout.normalise,
            mask="attention_mask" if masked else None,
        )

    def original(self) -> ModelFile:
        """The model's own file, whatever the engine makes of it.

        Raises:
            ModelError: the model cannot be obtained.
        """
        with self._lock:
            if self._found is None:
                self._found = self._obtain()
            return self._found

    def _file(self) -> ModelFile:
        """The file that the engine reads: the model's own, or for int8 the quantised one."""
        with self._lock:
            if self._read is None:
                own, engine = self.original(), self._engine()
                path = engine.variant(own.path)
                self._read = own if path == own.path else quantized_file(path, own)
            return self._read

    def _engine(self) -> Engine:
        with self._lock:
            if self._settled is None:
                self._settled = self.engine.settled(self.original().path, self._example)
            return self._settled

    def _example(self) -> Batch:
        return self.modality.collate([self.modality.example() for _ in range(self.batch_size)])
