"""The encoder that a learner from items has become."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alaas.encoders import EncodedBatch, Encoder
from alaas.errors import LearnerError, ModelError
from alaas.learners import ItemFitted
from alaas.modalities import Decoded
from alaas.projects._knowledge import Known


class TunedEncoder(Encoder):
    """Embeddings (b, D) by the network of a round, of items as the configured encoder's modality makes them.

    Its features are worth remembering although each round has its own: a process that opens the project, a
    pass over the pool that was cut short and a replay find them in the cache, and the cache lets go of old
    ones by itself.

    Args:
        base: the configured encoder; only its modality is used, which has looked at the pool if it wants to.
        known: the round, whose learner is an ``ItemFitted``.

    Raises:
        LearnerError: the round's learner is of another kind.
    """

    provides = frozenset({"embeddings"})

    def __init__(self, base: Encoder, known: Known) -> None:
        if not isinstance(known.fitted, ItemFitted):
            raise LearnerError(
                f"round {known.row.number} has a {type(known.fitted).__name__}, which takes features; "
                "expected a learner that takes items"
            )
        self.base, self.known = base, known
        self.name, self.modality = f"{base.name}, trained in round {known.row.number}", base.modality
        self._fitted = known.fitted
        self._fingerprint = f"{self.modality.fingerprint} | trained {known.digest}"

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def load(self) -> None:
        """It is loaded already."""

    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        try:
            rows = self._fitted.encode_items(self.modality.collate(batch))
        except LearnerError as error:
            # So that an item which the network cannot take fails alone, and the others do not fail with it.
            raise ModelError(f"{self.name}: {error.message}") from error
        return EncodedBatch(embeddings=np.asarray(rows, dtype=np.float32))


def base_of(encoder: Encoder) -> Encoder:
    """The configured encoder behind ``encoder``."""
    return encoder.base if isinstance(encoder, TunedEncoder) else encoder


def round_behind(encoder: Encoder) -> Known | None:
    """The round whose network ``encoder`` is; None for one that no round made."""
    return encoder.known if isinstance(encoder, TunedEncoder) else None
