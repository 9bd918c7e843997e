"""From new items to features: what the pipeline finds goes to the store and to the feature table."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterator

import numpy as np

from alaas.encoders import Encoder
from alaas.errors import ModelError
from alaas.features import feature_key
from alaas.fetching import is_remote
from alaas.pipeline import Record
from alaas.projects._features import FeatureTable
from alaas.projects._tuned import TunedEncoder
from alaas.runtimes import OnProgress
from alaas.selecting import Selector
from alaas.stores import Finding, ItemRow, Store
from alaas.types import FailedItem, Item, ModalityName

_PAGE = 2000
_SETTLING = 1.0
"""Seconds after which what was found is written down, so that people can begin with it."""
_UNUSABLE = frozenset({"failed", "duplicate"})


class Preparation:
    """Brings a feature table up to the store's last item.

    Args:
        project: the project's name.
        store: where its items are.
        selector: how they are fetched, remembered and encoded.
        table: where their features go.
    """

    def __init__(self, *, project: str, store: Store, selector: Selector, table: FeatureTable) -> None:
        self._project, self._store = project, store
        self._selector, self._table = selector, table
        self._findings: list[Finding] = []
        self._digests: dict[int, bytes | None] = {}
        self._total = 0
        self._settled = time.monotonic()

    def run(self, *, cancel: threading.Event, on_progress: OnProgress | None = None) -> None:
        """Look at every item that has not been looked at; what is done stays done when it is cancelled.

        Raises:
            CancelledError: ``cancel`` was set.
            ModelError: the encoder cannot be had or run.
            StoreError: the store is away.
        """
        remote = self._any_remote()
        line = self._selector.line(self._table.encoder, remote=remote, cancel=cancel)
        try:
            self._selector.runtime().run(
                self._feed(), line.stages(), self._take, total=None, cancel=cancel, on_progress=on_progress
            )
        finally:
            self._settle()
        self._table.look_up_to(self._total)
        self._table.ready = True

    def _any_remote(self) -> bool:
        first = self._store.items(self._project, after=self._table.seen - 1, limit=100)
        return any(item.uri is not None and is_remote(item.uri) for item in first)

    def _feed(self) -> Iterator[Record]:
        """Items whose features the cache does not have; the others are taken from it on the way."""
        after = self._table.seen - 1
        while page := self._store.items(self._project, after=after, limit=_PAGE):
            after = page[-1].number
            self._total = after + 1
            wanted = [item for item in page if item.state not in _UNUSABLE]
            for item in self._recalled(wanted):
                self._digests[item.number] = item.digest
                yield Record(row=item.number, item=item.item)

    def _recalled(self, items: list[ItemRow]) -> list[ItemRow]:
        """Keep what the cache knows and return the rest."""
        encoder = self._table.encoder
        if not encoder.cacheable or not self._selector.config.cache.enabled:
            return items
        keyed = [item for item in items if item.digest is not None]
        keys = [feature_key(encoder.fingerprint, item.digest) for item in keyed if item.digest is not None]
        found = {
            item.number: features.embeddings
            for item, features in zip(keyed, self._selector.cache.get(keys), strict=True)
            if features is not None and features.embeddings is not None
        }
        if found:
            self._table.keep(list(found), list(found.values()))
            self._table.ready = True
        return [item for item in items if item.number not in found]

    def _take(self, records: list[Record]) -> None:
        """Called by one thread as records leave the line."""
        numbers, rows = [], []
        for record in records:
            known = self._digests.pop(record.row, None)
            if record.failure is not None:
                self._findings.append(self._failed(record, record.failure))
                continue
            if record.features is not None and record.features.embeddings is not None:
                numbers.append(record.row)
                rows.append(np.asarray(record.features.embeddings, dtype=np.float32))
            if record.digest is not None and record.digest != known:
                self._findings.append(Finding(number=record.row, digest=record.digest))
        if numbers:
            self._table.keep(numbers, rows)
        if time.monotonic() - self._settled >= _SETTLING:
            # Only what no earlier item can come after: of two with one content the first stays, always.
            self._settle(below=min(list(self._digests), default=self._total))

    def _failed(self, record: Record, failure: FailedItem) -> Finding:
        """What is wrong with the item; that one round's network cannot take it says nothing of the next's."""
        ours = isinstance(self._table.encoder, TunedEncoder) and failure.code == ModelError.code
        if ours and record.digest is not None:
            return Finding(number=record.row, digest=record.digest)
        return Finding(number=record.row, failure=failure.reason)

    def _settle(self, *, below: int | None = None) -> None:
        """Write down what was found of the items numbered below ``below``, or of all, in their order."""
        self._findings.sort(key=lambda found: found.number)
        count = len(self._findings)
        if below is not None:
            count = bisect.bisect_left(self._findings, below, key=lambda found: found.number)
        if count:
            self._store.settle(self._project, self._findings[:count])
            del self._findings[:count]
            self._table.ready = True
        self._settled = time.monotonic()


def shown_modality(item: Item) -> ModalityName:
    """What an item gives away by what it carries; an address is taken for an image's."""
    return "table" if item.row is not None else "text" if item.text is not None else "image"


def learn_columns(encoder: Encoder, store: Store, project: str, *, below: int | None = None) -> None:
    """Let an encoder that learns from the pool look at its items, those numbered below ``below`` only."""
    if encoder.modality.prepares:
        encoder.modality.prepare(item.item for item in every_item(store, project, below=below))


def every_item(store: Store, project: str, *, below: int | None = None) -> Iterator[ItemRow]:
    """The pool's items in their order."""
    after = -1
    while page := store.items(project, after=after, limit=_PAGE, role="pool"):
        for item in page:
            if below is not None and item.number >= below:
                return
            yield item
        after = page[-1].number
