"""The features of a project's pool, kept up to date as items are added and networks are trained."""

from __future__ import annotations

import logging
import threading

from alaas.config import Config
from alaas.encoders import Encoder
from alaas.errors import AlaasError, CancelledError
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Knowledge, Known
from alaas.projects._preparing import Preparation, learn_columns, shown_modality
from alaas.projects._tuned import TunedEncoder, round_behind
from alaas.runtimes import OnProgress
from alaas.selecting import Selector
from alaas.stores import Store

_log = logging.getLogger("alaas.projects")


class PoolFeatures:
    """Owns a project's feature table. One thread brings it up to date at a time, many read it.

    The features are the configured encoder's; those of a learner from items are its own network's, once it
    has one. Then each round has features of its own: the table is replaced when all of them are there, and
    until then the old one goes on with the learner that made it.
    """

    def __init__(self, config: Config, store: Store, selector: Selector, knowledge: Knowledge) -> None:
        self._config, self._store, self._selector = config, store, selector
        self._knowledge = knowledge
        self.table: FeatureTable | None = None
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._follower: threading.Thread | None = None

    def features(
        self, cancel: threading.Event, on_progress: OnProgress | None = None, *, wait: bool = True
    ) -> FeatureTable:
        """The feature table with every item looked at.

        Where another thread is at it and ``wait`` is off, what is there so far has to do, and the features
        of a new round are left to a thread in the background: labelling goes on.

        Raises:
            CancelledError: ``cancel`` was set.
            ModelError: the encoder cannot be had or run.
        """
        table = self.table
        if wait or table is None or not table.ready:
            with self._lock:
                return self._brought_up(cancel, on_progress)
        if not self._lock.acquire(blocking=False):
            return table
        try:
            if self._is_behind(table):
                self._follow()
                return table
            return self._brought_up(cancel, on_progress)
        finally:
            self._lock.release()

    def as_it_was(self, items: int, known: Known | None) -> FeatureTable:
        """Features when there were ``items`` items and the learner was ``known``.

        For an encoder that learns from the items, and a learner from items; else they are what they are.
        """
        table = FeatureTable(self._encoder(known, below=items))
        self._preparation(table).run(cancel=threading.Event())
        return table

    def close(self) -> None:
        """Delete the scratch files."""
        self._closed.set()
        with self._lock:
            if self.table is not None:
                self.table.close()
                self.table = None

    def _brought_up(self, cancel: threading.Event, on_progress: OnProgress | None) -> FeatureTable:
        table = self.table
        seen = 0 if table is None else table.seen
        fresh = self._store.items(self._config.name, after=seen - 1, limit=1)
        if table is None or (fresh and table.encoder.modality.prepares) or self._is_behind(table):
            # Columns that were learnt from fewer rows would give the old rows other features.
            return self._renewed(cancel, on_progress)
        if fresh:
            self._preparation(table).run(cancel=cancel, on_progress=on_progress)
        return table

    def _is_behind(self, table: FeatureTable) -> bool:
        """Whether a round has come that has features of its own."""
        if not self._knowledge.of_items:
            return False
        newest, behind = self._knowledge.newest(table.encoder), round_behind(table.encoder)
        return (None if newest is None else newest.number) != (None if behind is None else behind.row.number)

    def _renewed(self, cancel: threading.Event, on_progress: OnProgress | None) -> FeatureTable:
        encoder = self._encoder(None)
        if self._knowledge.of_items:
            known = self._knowledge.latest(encoder)
            encoder = encoder if known is None else TunedEncoder(encoder, known)
        table = FeatureTable(encoder)
        if self.table is None and not encoder.modality.prepares:
            self.table = table  # so that others see what is there while it fills
        self._preparation(table).run(cancel=cancel, on_progress=on_progress)
        self.table = table
        return table

    def _follow(self) -> None:
        """Have a thread compute the newest round's features, unless one is at it."""
        if self._follower is None or not self._follower.is_alive():
            self._follower = threading.Thread(target=self._catch_up, name="alaas-features", daemon=True)
            self._follower.start()

    def _catch_up(self) -> None:
        try:
            self.features(self._closed)
        except CancelledError:
            return
        except AlaasError as error:
            _log.warning(
                "project %s goes on with the features of an older round: %s", self._config.name, error.message
            )

    def _preparation(self, table: FeatureTable) -> Preparation:
        return Preparation(project=self._config.name, store=self._store, selector=self._selector, table=table)

    def _encoder(self, known: Known | None, *, below: int | None = None) -> Encoder:
        modality = self._config.modality
        if modality is None and self._config.model.name is None:
            first = self._store.items(self._config.name, limit=1)
            modality = shown_modality(first[0].item) if first else "image"
        base = self._selector.encoder(None, modality)
        learn_columns(base, self._store, self._config.name, below=below)
        return base if known is None else TunedEncoder(base, known)
