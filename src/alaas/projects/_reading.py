"""Items read over and over, as a learner does that passes over them many times."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alaas.cores import available_cores
from alaas.errors import CancelledError, FetchError, ItemError
from alaas.fetching import is_remote
from alaas.learners import Inputs
from alaas.modalities import Decoded, Modality
from alaas.pipeline import Record
from alaas.pipeline.fetch import Fetch
from alaas.selecting import Selector
from alaas.stores import ItemRow, Store
from alaas.types import Indices

_BLOCK = 256
"""Items between two looks at whether to stop."""


class ItemReader:
    """Gives items of a project as a model takes them. What came over a network stays on disk until ``close``.

    Args:
        project: the project's name.
        store: where its items are.
        selector: how they are fetched.
        modality: how they are decoded.
        cancel: when it is set, reading ends.
    """

    def __init__(
        self, *, project: str, store: Store, selector: Selector, modality: Modality, cancel: threading.Event
    ) -> None:
        self._project, self._store, self._modality, self._cancel = project, store, modality, cancel
        settings = selector.config.pipeline
        self._fetch = Fetch(
            fetcher=selector.fetcher,
            modality=modality,
            digests=selector.digests,
            retries=settings.retries,
            retry_wait=settings.retry_wait,
            cancel=cancel,
        )
        # A download waits, so many run at once; what is decoded takes memory, so few are.
        self._downloads = ThreadPoolExecutor(settings.download_workers, thread_name_prefix="alaas-fetch")
        self._decoders = ThreadPoolExecutor(
            settings.decode_workers or available_cores(), thread_name_prefix="alaas-decode"
        )
        self._folder = Path(tempfile.mkdtemp(prefix="alaas-items-"))
        self._kept: dict[int, Path] = {}
        self._lost: dict[int, str] = {}

    def __enter__(self) -> ItemReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept."""
        self._downloads.shutdown(cancel_futures=True)
        self._decoders.shutdown(cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def readable(self, numbers: Indices) -> NDArray[np.bool_]:
        """Which of these items can be read, shape (n,); each is read once to see.

        Raises:
            CancelledError: ``cancel`` was set.
        """
        found = np.zeros(len(numbers), dtype=bool)
        for start in range(0, len(numbers), _BLOCK):
            part = numbers[start : start + _BLOCK]
            found[start : start + len(part)] = list(self._decoders.map(self._sound, self._at_hand(part)))
        return found

    def inputs(self, numbers: Indices) -> Inputs:
        """Some items, in this order.

        Raises:
            CancelledError: ``cancel`` was set.
            ItemError: one cannot be read.
        """
        decoded: list[Decoded] = []
        for start in range(0, len(numbers), _BLOCK):
            part = self._at_hand(numbers[start : start + _BLOCK])
            decoded.extend(self._decoders.map(self._decoded, part))
        return self._modality.collate(decoded)

    def _at_hand(self, numbers: Indices) -> Sequence[ItemRow]:
        """The items, with what is far away brought here."""
        if self._cancel.is_set():
            raise CancelledError("cancelled while reading the labelled items")
        wanted = numbers.tolist()
        by_number = {
            row.number: row for row in self._store.items(self._project, numbers=wanted, limit=len(wanted))
        }
        away = [row for row in by_number.values() if row.uri is not None and is_remote(row.uri)]
        list(self._downloads.map(self._keep, [row for row in away if row.number not in self._kept]))
        return [by_number[number] for number in wanted]

    def _sound(self, row: ItemRow) -> bool:
        try:
            self._decoded(row)
        except ItemError:
            return False
        return True

    def _decoded(self, row: ItemRow) -> Decoded:
        content = self._modality.inline(row.item)
        if content is None:
            kept = self._kept.get(row.number)
            content = self._content(row) if kept is None else kept.read_bytes()
        return self._modality.decode(content)

    def _keep(self, row: ItemRow) -> None:
        if row.number in self._lost:
            return
        try:
            content = self._content(row)
        except FetchError as error:
            self._lost[row.number] = error.message
            return
        path = self._folder / str(row.number)
        path.write_bytes(content)
        self._kept[row.number] = path

    def _content(self, row: ItemRow) -> bytes:
        if row.number in self._lost:
            raise FetchError(self._lost[row.number])
        record = Record(row=row.number, item=row.item)
        self._fetch.read(record)
        if record.content is None:
            reason = "" if record.failure is None else record.failure.reason
            raise FetchError(f"item {row.id!r} cannot be read: {reason}")
        return record.content
