"""Second stage: what the cache knows need not be computed."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.encoders import Encoder
from alaas.features import FeatureCache, feature_key
from alaas.pipeline._record import Record
from alaas.types import SignalName


@dataclass(frozen=True, kw_only=True)
class Recall:
    """Finishes the records whose features are in the cache."""

    encoder: Encoder
    cache: FeatureCache
    wanted: frozenset[SignalName]

    def __call__(self, records: list[Record]) -> None:
        """Look up a few records at once."""
        fingerprint = self.encoder.fingerprint
        keys = [feature_key(fingerprint, record.digest) for record in records if record.digest is not None]
        for record, key, features in zip(records, keys, self.cache.get(keys), strict=True):
            record.key = key
            if features is not None and all(getattr(features, name) is not None for name in self.wanted):
                record.features, record.content = features, None
                record.cached = record.finished = True
