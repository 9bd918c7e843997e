"""The arrays of one run: written row by row as items finish, read by strategies as memory-mapped files.

Nothing here grows in memory with the features: rows go to a scratch file by system calls, items to a log of
JSON lines. What stays in memory is a few dozen bytes an item.
"""

from __future__ import annotations

import json
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alaas.errors import ScratchError
from alaas.features._matrix import RowFile
from alaas.scratch import ScratchFolder
from alaas.types import FailedItem, Features, Item, SignalName, Signals

_DIGEST = 16
"""Bytes of a digest kept an item: 128 bits, so that a chance collision is out of the question."""


Entry: TypeAlias = tuple[int, bytes | None, Features | None]
"""A row, the digest of its content, and its features."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The usable items of a finished run, in the order of the source.

    ``signals`` has one row an item. ``failed`` lists the others: those that could not be read, and those
    whose content or id had been seen before. ``digests`` holds the first 16 bytes of each content's digest,
    shape (n, 16); empty where nothing was read.
    """

    signals: Signals
    failed: tuple[FailedItem, ...]
    fingerprint: str
    rows: NDArray[np.int64]
    digests: NDArray[np.uint8]
    log: ItemLog

    def __len__(self) -> int:
        """How many usable items there are."""
        return len(self.rows)

    def item(self, index: int) -> Item:
        """The item at a position that a strategy chose."""
        return self.log.read(int(self.rows[index]))


class ItemLog:
    """Items on disk, by row."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._offsets = array("q")
        self._end = 0

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, item: Item) -> int:
        """Write an item down and return its row. Uploaded content is not kept, only what names the item."""
        fields = [item.id, item.uri, item.text, None if item.row is None else dict(item.row), item.cost]
        line = json.dumps([*fields, dict(item.metadata)], separators=(",", ":")).encode()
        self._file.write(line + b"\n")
        self._offsets.append(self._end)
        self._end += len(line) + 1
        return len(self._offsets) - 1

    def read(self, row: int) -> Item:
        """The item of a row."""
        self._file.flush()
        end = self._offsets[row + 1] if row + 1 < len(self._offsets) else self._end
        line = os.pread(self._file.fileno(), end - self._offsets[row], self._offsets[row])
        identity, uri, text, cells, cost, metadata = json.loads(line)
        return Item(id=identity, uri=uri, text=text, row=cells, cost=cost, metadata=metadata)

    def close(self) -> None:
        """Forget the items."""
        self._file.close()


class PoolWriter:
    """Collects one run. ``admit`` is called by one thread, ``keep`` by another.

    Args:
        wanted: the signals that the strategy needs: ``embeddings`` and ``probs`` are written as they come.
        directory: where the scratch files go; the system's temporary directory by default.

    Use as a context manager: the files live as long as it does.
    """

    def __init__(self, wanted: Iterable[SignalName], directory: Path | None = None) -> None:
        place = Path(directory or tempfile.gettempdir())
        with _scratch(place):
            self._scratch = ScratchFolder(place)
            self._folder = self._scratch.path
            self._log = ItemLog(self._folder / "items.jsonl")
            self._digests = RowFile(self._folder / "digests", np.dtype(np.uint8))
            self._matrices = {name: RowFile(self._folder / name, np.dtype(np.float32)) for name in wanted}
        self._identities, self._costs = bytearray(), array("d")
        self._failed: dict[int, FailedItem] = {}

    def __enter__(self) -> PoolWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what was not flushed is not wanted any more
            self._log.close()
        for matrix in (self._digests, *self._matrices.values()):
            matrix.close()
        self._scratch.close()

    def __len__(self) -> int:
        return len(self._log)

    def admit(self, item: Item) -> int:
        """Give an item of the source its row.

        Raises:
            ScratchError: the disk is full or the like.
        """
        with _scratch(self._folder):
            row = self._log.append(item)
        self._identities += blake3(item.id.encode()).digest(_DIGEST)
        self._costs.append(item.cost)
        return row

    def fail(self, row: int, failure: FailedItem) -> None:
        """Note that the item of a row is of no use."""
        self._failed[row] = failure

    def keep(self, entries: Iterable[Entry]) -> None:
        """Keep what came out for some rows, in any order.

        Raises:
            ValueError: features of different lengths, which is a bug of the encoder.
            ScratchError: the disk is full or the like.
        """
        ordered = sorted(entries, key=itemgetter(0))
        named = [(row, digest) for row, digest, _ in ordered if digest is not None]
        marks = np.frombuffer(b"".join(digest[:_DIGEST] for _, digest in named), dtype=np.uint8)
        with _scratch(self._folder):
            self._digests.write([row for row, _ in named], list(marks.reshape(-1, _DIGEST)))
            for name, matrix in self._matrices.items():
                values = [(row, getattr(features, name, None)) for row, _, features in ordered]
                there = [(row, value) for row, value in values if value is not None]
                matrix.write([row for row, _ in there], [value for _, value in there])

    def finish(self) -> Pool:
        """Drop what failed and what was there twice, and hand over the rest.

        Raises:
            ScratchError: the disk is full or the like.
        """
        with _scratch(self._folder):
            return self._finish()

    def _finish(self) -> Pool:
        count = len(self._log)
        usable = np.ones(count, dtype=bool)
        usable[list(self._failed)] = False
        identities = np.frombuffer(bytes(self._identities), dtype=np.uint8).reshape(count, _DIGEST)
        digests = self._digests.read(count, _DIGEST)
        self._drop_repeated(usable, identities, "id")
        self._drop_repeated(usable, digests, "content")
        rows = np.flatnonzero(usable)
        arrays: Mapping[str, NDArray[Any] | None] = {
            name: m.compact(rows) for name, m in self._matrices.items()
        }
        identity = blake3(identities[rows].tobytes())
        identity.update(digests[rows].tobytes() if digests.size else b"")
        costs = np.frombuffer(self._costs, dtype=np.float64)[rows]
        return Pool(
            signals=Signals(
                probs=arrays.get("probs"), embeddings=arrays.get("embeddings"), costs=costs, count=len(rows)
            ),
            failed=tuple(self._failed[row] for row in sorted(self._failed)),
            fingerprint=identity.hexdigest(),
            rows=rows,
            digests=digests[rows] if digests.size else digests,
            log=self._log,
        )

    def _drop_repeated(self, usable: NDArray[np.bool_], marks: NDArray[np.uint8], what: str) -> None:
        """Fail every usable row whose mark an earlier usable row has."""
        rows = np.flatnonzero(usable)
        if not marks.size or not len(rows):
            return
        halves = np.ascontiguousarray(marks[rows]).view(np.uint64)
        order = np.lexsort((rows, halves[:, 1], halves[:, 0]))
        same = np.zeros(len(rows), dtype=bool)
        same[1:] = (halves[order[1:]] == halves[order[:-1]]).all(axis=1)
        first = order[np.maximum.accumulate(np.where(same, 0, np.arange(len(rows))))]
        for place in np.flatnonzero(same):
            row, original = int(rows[order[place]]), self._log.read(int(rows[first[place]]))
            item = self._log.read(row)
            reason = (
                f"the id {item.id!r} is taken by an earlier item; ids must be distinct"
                if what == "id"
                else f"same content as {original.id!r}, which stays in the pool"
            )
            self._failed[row] = FailedItem(id=item.id, uri=item.uri, reason=reason, code="duplicate")
            usable[row] = False


@contextmanager
def _scratch(place: Path) -> Iterator[None]:
    """Say of a file that cannot be written what it is for."""
    try:
        yield
    except OSError as error:
        raise ScratchError(
            f"the temporary files of this query cannot be kept in {place}: {error.strerror or error}; point "
            "TMPDIR at a folder with more room"
        ) from error
