"""Tables need no model: a row's numbers are its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import EncodedBatch, Encoder, EncoderInfo
from alaas.errors import ModelError
from alaas.modalities import Decoded, Modality
from alaas.types import ModalityName


class Passthrough(Encoder):
    """Embeddings (b, D) are the decoded rows: scaled numbers and one place for each category."""

    about: ClassVar[EncoderInfo] = EncoderInfo(
        name="passthrough",
        modality="table",
        provides=frozenset({"embeddings"}),
        dimensions=None,
        classes=None,
        megabytes=0,
        licence="Apache-2.0",
        package=None,
        description="A table's own columns as numbers, without a model. The default for tables.",
    )
    cacheable = False

    def __init__(self, *, modality: Modality) -> None:
        self.name = self.about.name
        self.modality = modality
        self.provides = self.about.provides

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:  # noqa: ARG003
        from alaas.modalities.table import Table

        return cls(modality=Table(limits=limits))

    @property
    def fingerprint(self) -> str:
        return f"{self.modality.fingerprint} | passthrough"

    def load(self) -> None:
        """There is nothing to load."""

    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        rows = np.stack(batch).astype(np.float32, copy=False)
        if not np.isfinite(rows).all():
            raise ModelError("a row holds NaN or infinity after decoding")
        return EncodedBatch(embeddings=rows)
