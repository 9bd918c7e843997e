"""Shard files: raw records one after another. One process appends to a shard at a time; anyone reads.

A writer holds its shard by ``flock``, which the system lets go of when the process dies in whatever way.
What stands beyond the bytes that the index knows of is the remnant of a write that was never finished.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections import OrderedDict
from pathlib import Path

MAX_OPEN_SHARDS = 32


def shard_path(directory: Path, shard: int) -> Path:
    """Where shard number ``shard`` lies."""
    return directory / f"{shard:016x}.shard"


def shard_files(directory: Path) -> dict[int, Path]:
    """Every shard file that is there, by number; also those that no index knows of."""
    found = {}
    for path in directory.glob("*.shard"):
        try:
            found[int(path.stem, 16)] = path
        except ValueError:
            continue  # not ours
    return found


class HeldShard:
    """A shard that this process alone may change until it is closed."""

    def __init__(self, shard: int, path: Path, descriptor: int, size: int) -> None:
        self.shard = shard
        self.path = path
        self.size = size
        self._descriptor = descriptor

    @classmethod
    def create(cls, directory: Path) -> HeldShard:
        """A new and empty shard.

        Raises:
            OSError: it cannot be written.
        """
        directory.mkdir(parents=True, exist_ok=True)
        while True:
            # At random, so that a number never comes back and an outdated index never reads another's bytes.
            shard = secrets.randbits(62)
            shard_path(directory, shard).touch(exist_ok=False)
            # Somebody who sweeps up may have been quicker; then take another.
            held = cls.hold(directory, shard)
            if held is not None:
                return held

    @classmethod
    def hold(cls, directory: Path, shard: int) -> HeldShard | None:
        """Take hold of a shard that is there; None if it is gone or another holds it."""
        path = shard_path(directory, shard)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(descriptor)
        except OSError:
            os.close(descriptor)
            return None
        if status.st_nlink == 0:
            os.close(descriptor)
            return None
        return cls(shard, path, descriptor, status.st_size)

    def linked(self) -> bool:
        """Whether the file can still be found by others; somebody may have deleted it."""
        return os.fstat(self._descriptor).st_nlink > 0

    def append(self, data: bytes) -> int:
        """Write at the end; returns where it starts. What fails half-way leaves the shard as it was.

        Raises:
            OSError: the disk is full or the like.
        """
        start, view = self.size, memoryview(data)
        try:
            while view:
                written = os.pwrite(self._descriptor, view, start + len(data) - len(view))
                view = view[written:]
        except OSError:
            self.truncate(start)
            raise
        self.size = start + len(data)
        return start

    def truncate(self, size: int) -> None:
        """Cut the shard back to ``size`` bytes, all that the index knows of."""
        os.ftruncate(self._descriptor, size)
        self.size = size

    def delete(self) -> None:
        """Remove the file and let go of it."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let others hold it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


class _Descriptor:
    """An open file, closed when the last thread that reads from it is done."""

    __slots__ = ("number",)

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "number"):
            os.close(self.number)


class ShardReader:
    """Reads from shards and keeps those last used open."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: OrderedDict[int, _Descriptor] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, shard: int, start: int, length: int) -> bytes:
        """Up to ``length`` bytes, fewer where the file ends.

        Raises:
            FileNotFoundError: the shard is gone.
            OSError: it cannot be read.
        """
        descriptor = self._descriptor(shard)
        # An index that is damaged may ask for any length: never for more memory than the file has bytes.
        length = min(length, os.fstat(descriptor.number).st_size - start)
        return os.pread(descriptor.number, length, start) if length > 0 else b""

    def prune(self) -> None:
        """Let go of shards that were deleted, so that their room on the disk is freed."""
        with self._lock:
            gone = [shard for shard, opened in self._open.items() if os.fstat(opened.number).st_nlink == 0]
            for shard in gone:
                del self._open[shard]

    def close(self) -> None:
        """Let go of all shards."""
        with self._lock:
            self._open.clear()

    def _descriptor(self, shard: int) -> _Descriptor:
        with self._lock:
            descriptor = self._open.get(shard)
            if descriptor is not None:
                self._open.move_to_end(shard)
                return descriptor
        descriptor = _Descriptor(shard_path(self._directory, shard))
        with self._lock:
            self._open[shard] = descriptor
            if len(self._open) > MAX_OPEN_SHARDS:
                self._open.popitem(last=False)
        return descriptor
