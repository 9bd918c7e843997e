"""What is handed to an actor at a time, and where blocks come from."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alaas.pipeline import Record

MOST_DEATHS = 3
"""Actors that may die with a block before it counts as the reason."""

_TICK = 0.2
_WAITING = 4
"""Blocks that the feed may be ahead."""


@dataclass(slots=True, kw_only=True)
class Block:
    """Some records on their way.

    ``records`` are as the feed gave them, less those that have left the line: what is lost on the way can be
    begun again. ``carried`` is Ray's reference to the same records as the group before left them.
    """

    records: list[Record]
    group: int = 0
    carried: Any = None
    deaths: int = 0

    @property
    def suspect(self) -> bool:
        """Whether an actor died with it, so that it must not take others along if it is the reason."""
        return self.deaths > 0

    def restart(self) -> None:
        """Begin again with the first group."""
        self.group, self.carried = 0, None

    def halves(self) -> list[Block]:
        """Two blocks of half the records, to find the one that kills; a single record gets two chances."""
        middle = len(self.records) // 2
        parts = (self.records[:middle], self.records[middle:])
        return [
            Block(records=part, deaths=MOST_DEATHS - (1 if len(part) > 1 else 2)) for part in parts if part
        ]


class Feed:
    """Cuts the feed into blocks, on a thread of its own: listing a source may wait.

    Args:
        records: the feed.
        items: records a block.
        weight: bytes of content after which a block is complete.
    """

    def __init__(self, records: Iterable[Record], *, items: int, weight: int) -> None:
        self._records, self._items, self._weight = records, items, weight
        self._blocks: queue.Queue[list[Record] | BaseException | None] = queue.Queue(_WAITING)
        self._stopped = threading.Event()
        self.ended = False
        threading.Thread(target=self._run, name="alaas-feed", daemon=True).start()

    def take(self) -> list[Record] | None:
        """The next records, some perhaps finished; None if there are none yet, or no more (``ended``).

        Raises:
            Exception: what the feed raised.
        """
        if self.ended:
            return None
        try:
            found = self._blocks.get_nowait()
        except queue.Empty:
            return None
        if isinstance(found, BaseException):
            raise found
        self.ended = found is None
        return found

    def stop(self) -> None:
        """Give the feed up."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            for block in self._cut():
                if not self._put(block):
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001  (handed to the calling thread, which raises it)
            self._put(error)

    def _put(self, block: list[Record] | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._blocks.put(block, timeout=_TICK)
            except queue.Full:
                continue
            return True
        return False

    def _cut(self) -> Iterator[list[Record]]:
        block: list[Record] = []
        weight = 0
        for record in self._records:
            block.append(record)
            weight += record.weight + len(record.item.content or b"")
            if len(block) >= self._items or weight >= self._weight:
                yield block
                block, weight = [], 0
        if block:
            yield block
