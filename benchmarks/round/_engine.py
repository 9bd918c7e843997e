"""Our decoder and model without our pipeline, for the rows that compare with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import Encoder, open_encoder, pull
from alaas.modalities import Decoded, Modality


class Session:
    """The model under ONNX Runtime: ``threads`` inside one call, 0 for ONNX Runtime's own choice."""

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run one batch; every output, as ours asks for them."""
        return dict(zip(self._outputs, self._session.run(self._outputs, dict(batch)), strict=True))


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One model of the zoo, taken apart."""

    encoder: Encoder
    path: Path

    @property
    def modality(self) -> Modality:
        """What decodes and collates."""
        return self.encoder.modality

    def session(self, *, threads: int) -> Session:
        """Load the model."""
        return Session(self.path, threads)

    def features(
        self, session: Session, batch: Sequence[Decoded]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings (b, D) and probabilities (b, C) of decoded images."""
        outputs = session.run(self.modality.collate(batch))
        return outputs["embeddings"], outputs["probs"]


def open_bench(model: str) -> Bench:
    """Open a model of the zoo that gives embeddings and probabilities.

    Raises:
        AlaasError: there is no such model, or it cannot be had.
    """
    encoder = open_encoder(ModelSettings(name=model), modality="image", limits=LimitSettings())
    folder = pull(model)
    if folder is None or not encoder.provides >= {"embeddings", "probs"}:
        raise SystemExit(
            f"the model {model!r} gives no probabilities; the benchmark needs embeddings and probs"
        )
    return Bench(encoder=encoder, path=next(folder.glob("*.onnx")))
