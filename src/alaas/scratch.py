"""Folders for files that live no longer than their process, and the end of those whose process was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "alaas-scratch-"
_LOCK = ".lock"

_swept: set[tuple[int, Path]] = set()
_sweeping = threading.Lock()


class ScratchFolder:
    """A new folder below the system's temporary directory, deleted by ``close``.

    The process holds a lock on a file in it for as long as the folder is there. A process that is killed lets
    go of its locks and leaves its folders behind: the next one that makes a folder beside them deletes those.

    Args:
        place: what to make it in; by default the system's temporary directory.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, place: Path | None = None) -> None:
        parent = Path(place or tempfile.gettempdir())
        _sweep_once(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        # Whoever sweeps passes over a folder without a lock file, so one that is just being made is safe.
        unnamed = self.path / f"{_LOCK}-new"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def close(self) -> None:
        """Delete the folder; calling it again does nothing."""
        if self._lock < 0:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = -1


def _sweep_once(parent: Path) -> None:
    """Look for what the dead left behind, once a process and place: a listing of a large folder costs."""
    with _sweeping:
        mark = (os.getpid(), parent)
        if mark in _swept:
            return
        _swept.add(mark)
    sweep(parent)


def sweep(parent: Path) -> int:
    """Delete the scratch folders below ``parent`` whose process is gone; returns how many there were."""
    gone = 0
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with _taken(lock) as free:
            if free:
                shutil.rmtree(lock.parent, ignore_errors=True)
                gone += 1
    return gone


@contextmanager
def _taken(lock: Path) -> Iterator[bool]:
    """Hold a lock if nobody does; False if somebody does, or if it is not ours to open."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = os.fstat(descriptor).st_uid == os.geteuid()
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)
