"""The features of a project's pool, kept up to date as items are added."""

from __future__ import annotations

import threading

from alaas.config import Config
from alaas.encoders import Encoder
from alaas.projects._features import FeatureTable
from alaas.projects._preparing import Preparation, learn_columns, shown_modality
from alaas.runtimes import OnProgress
from alaas.selecting import Selector
from alaas.stores import Store


class PoolFeatures:
    """Owns a project's feature table. One thread brings it up to date at a time, many read it."""

    def __init__(self, config: Config, store: Store, selector: Selector) -> None:
        self._config, self._store, self._selector = config, store, selector
        self.table: FeatureTable | None = None
        self._lock = threading.RLock()

    def features(
        self, cancel: threading.Event, on_progress: OnProgress | None = None, *, wait: bool = True
    ) -> FeatureTable:
        """The feature table with every item looked at.

        Where another thread is at it and ``wait`` is off, what is there so far has to do: labelling goes on.

        Raises:
            CancelledError: ``cancel`` was set.
            ModelError: the encoder cannot be had or run.
        """
        table = self.table
        if not self._lock.acquire(blocking=wait or table is None or not len(table)):
            return table if table is not None else self.features(cancel, on_progress)
        try:
            return self._brought_up(cancel, on_progress)
        finally:
            self._lock.release()

    def as_it_was(self, items: int) -> FeatureTable:
        """Features when there were ``items`` items, for an encoder that learns from them."""
        return self._made(threading.Event(), below=items)

    def close(self) -> None:
        """Delete the scratch files."""
        with self._lock:
            if self.table is not None:
                self.table.close()
                self.table = None

    def _brought_up(self, cancel: threading.Event, on_progress: OnProgress | None) -> FeatureTable:
        table = self.table
        seen = 0 if table is None else table.seen
        fresh = self._store.items(self._config.name, after=seen - 1, limit=1)
        if table is None or (fresh and table.encoder.modality.prepares):
            # Columns that were learnt from fewer rows would give the old rows other features.
            self.table = self._made(cancel, on_progress)
        elif fresh:
            self._preparation(table).run(cancel=cancel, on_progress=on_progress)
        return self.table if self.table is not None else self._made(cancel)

    def _made(
        self, cancel: threading.Event, on_progress: OnProgress | None = None, *, below: int | None = None
    ) -> FeatureTable:
        table = FeatureTable(self._encoder())
        learn_columns(table.encoder, self._store, self._config.name, below=below)
        if not table.encoder.modality.prepares:
            self.table = table  # so that others see what is there while it fills
        self._preparation(table).run(cancel=cancel, on_progress=on_progress)
        return table

    def _preparation(self, table: FeatureTable) -> Preparation:
        return Preparation(project=self._config.name, store=self._store, selector=self._selector, table=table)

    def _encoder(self) -> Encoder:
        modality = self._config.modality
        if modality is None and self._config.model.name is None:
            first = self._store.items(self._config.name, limit=1)
            modality = shown_modality(first[0].item) if first else "image"
        return self._selector.encoder(None, modality)
