"""Streams in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from alaas.stores._memory_records import ProjectRecord
from alaas.stores._streams import StreamRow, StreamTable, TakenItem, TakenRow, moved
from alaas.stores._words import Finding, NewItem

if TYPE_CHECKING:
    from alaas.stores.memory import Memory

_UNSOUND = frozenset({"new", "failed", "duplicate"})


class MemoryStreamTable(StreamTable):
    """Streams beside the other records of a store in memory.

    Args:
        store: adds and settles what is taken.
        lock: the store's.
        find: gives a project's record.
    """

    def __init__(self, store: Memory, lock: threading.RLock, find: Callable[[str], ProjectRecord]) -> None:
        self._store, self._lock, self._find = store, lock, find

    def read(self, project: str, *, ids: Collection[str] = (), digests: Collection[bytes] = ()) -> StreamRow:
        """See ``StreamTable``."""
        with self._lock:
            found = self._find(project)
            twins = {}
            for digest in set(digests):
                same = [one for one in found.digests.get(("pool", digest), ()) if one.state not in _UNSOUND]
                if same:
                    twins[digest] = min(same, key=lambda one: one.number).id
            return StreamRow(
                state=found.stream,
                version=found.stream_version,
                known={name: found.by_id[name].state for name in set(ids) if name in found.by_id},
                twins=twins,
            )

    def advance(
        self, project: str, state: str, taken: Sequence[TakenItem], *, version: int, actor: str
    ) -> list[int]:
        """See ``StreamTable``."""
        with self._lock:
            found = self._find(project)
            if found.stream_version != version or any(one.item.id in found.by_id for one in taken):
                raise moved(project)
            first = len(found.items)
            if taken:
                self._store.add_items(project, [NewItem(item=one.item) for one in taken], actor=actor)
                numbered = list(enumerate(taken, start=first))
                self._store.settle(project, [Finding(number=n, digest=one.digest) for n, one in numbered])
                found.taken.extend(TakenRow(number=n, utility=one.utility) for n, one in numbered)
            found.stream, found.stream_version = state, version + 1
            return list(range(first, len(found.items)))

    def taken(self, project: str) -> list[TakenRow]:
        """See ``StreamTable``."""
        with self._lock:
            return list(self._find(project).taken)
