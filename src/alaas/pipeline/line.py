"""How the stages connect."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from alaas.config import ModelSettings, PipelineSettings
from alaas.cores import available_cores
from alaas.encoders import Encoder
from alaas.features import DigestIndex, FeatureCache
from alaas.fetching import Fetcher
from alaas.modalities import Modality
from alaas.pipeline._stage import Stage
from alaas.pipeline.decode import Decode
from alaas.pipeline.encode import Encode
from alaas.pipeline.fetch import Fetch
from alaas.pipeline.recall import Recall
from alaas.pipeline.store import Store
from alaas.types import SignalName

_MANY = 256
"""Records a call where a call costs more than a record: hashing small files, looking up, storing."""

_WINDOW = 4
"""Batches that one encoder call sorts by length, so that texts of like length meet."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The parts of one run: fetch → recall → decode → encode → store.

    Only the stages that ``wanted`` asks for are there: with nothing wanted, items are fetched and decoded to
    see that they are sound, and no model is loaded.
    """

    modality: Modality
    fetcher: Fetcher
    digests: DigestIndex
    cache: FeatureCache | None
    encoder: Encoder | None
    wanted: frozenset[SignalName]
    settings: PipelineSettings = field(default_factory=PipelineSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    remote: bool = False
    cancel: threading.Event = field(default_factory=threading.Event)

    def stages(self) -> tuple[Stage, ...]:
        """The stages of this run, in order."""
        encoder = self.encoder if self.wanted else None
        cache = self.cache if encoder is not None and encoder.cacheable else None
        fetch = Fetch(
            fetcher=self.fetcher,
            modality=self.modality,
            digests=self.digests,
            retries=self.settings.retries,
            retry_wait=self.settings.retry_wait,
            cancel=self.cancel,
        )
        line = [self._fetch_stage(fetch)]
        if encoder is not None and cache is not None:
            recall = Recall(encoder=encoder, cache=cache, wanted=self.wanted)
            line.append(
                Stage(name="recall", run=recall, workers=1, batch=_MANY, linger=0.002, capacity=2 * _MANY)
            )
        line.append(self._decode_stage(Decode(modality=self.modality, fetch=fetch, last=encoder is None)))
        if encoder is not None:
            encode = Encode(encoder=encoder, batch_size=self._batch, last=cache is None)
            line.append(self._encode_stage(encode))
        if encoder is not None and cache is not None:
            store = Store(cache=cache)
            line.append(
                Stage(name="store", run=store, workers=1, batch=_MANY, linger=0.25, capacity=2 * _MANY)
            )
        return tuple(line)

    @property
    def _batch(self) -> int:
        return self.model.batch_size

    def _fetch_stage(self, fetch: Fetch) -> Stage:
        # A download waits, so many run at once and each takes one item; a local file costs microseconds, so
        # few threads take many at a time and do not fight over the interpreter.
        workers = self.settings.download_workers if self.remote else min(2, available_cores())
        batch = 1 if self.remote else 32
        return Stage(
            name="fetch", run=fetch, workers=workers, batch=batch, linger=0.0, capacity=2 * workers * batch
        )

    def _decode_stage(self, decode: Decode) -> Stage:
        workers = self.settings.decode_workers or available_cores()
        batch = min(4, self._batch)
        return Stage(
            name="decode",
            run=decode,
            workers=workers,
            batch=batch,
            linger=0.0,
            capacity=_MANY,
            count=None if self.settings.decode_workers else available_cores,
        )

    def _encode_stage(self, encode: Encode) -> Stage:
        # A worker that computes takes a core; one that waits for a server or a GPU takes none.
        workers = self.settings.encode_workers or encode.calls()
        window = self._batch * (_WINDOW if self.modality.name == "text" else 1)
        return Stage(
            name="encode",
            run=encode,
            workers=workers,
            batch=window,
            linger=0.02,
            capacity=2 * workers * window,
            count=None if self.settings.encode_workers else encode.calls,
        )
