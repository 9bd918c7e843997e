"""Whether a server can take work, and why not."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from alaas.errors import AlaasError
from alaas.jobs import Jobs
from alaas.stores import Store

_FRESH = 1.0
_PATIENCE = 2.0
_ROOM = 64 * 1024 * 1024
"""Bytes that a disk must have free: less, and the next write may fail."""


class Readiness:
    """Looks at the store, the jobs and the disks; a look is good for a second.

    Args:
        store: whether it can be read and written.
        jobs: whether they are worked on.
        folders: their disks must have room; those that are not there are passed over.
        stopping: set when the server stops.
        clock: seconds, for how old a look is.
    """

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        folders: Sequence[Path],
        stopping: threading.Event,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._jobs, self._stopping, self._clock = store, jobs, stopping, clock
        self._folders = (Path(tempfile.gettempdir()), *folders)
        self._lock = threading.Lock()
        self._looked = -_FRESH
        self._found: list[str] = []
        self._check = _Check(store)

    def reasons(self) -> list[str]:
        """Why the server takes no work; empty while it does. Never waits longer than two seconds."""
        with self._lock:
            if self._clock() - self._looked >= _FRESH:
                self._found = [*self._check.trouble(), *self._working(), *self._disks()]
                self._looked = self._clock()
            found = list(self._found)
        return ["the server is stopping", *found] if self._stopping.is_set() else found

    def is_ready(self) -> bool:
        """Whether there is no reason."""
        return not self.reasons()

    def _working(self) -> list[str]:
        trouble = self._jobs.trouble()
        return [] if trouble is None else [f"jobs: {trouble}"]

    def _disks(self) -> list[str]:
        found = []
        for folder in dict.fromkeys(_existing(folder) for folder in self._folders):
            try:
                free = shutil.disk_usage(folder).free
            except OSError as error:
                found.append(f"disk: {folder} cannot be looked at: {error.strerror}")
                continue
            if free < _ROOM:
                room = f"{free // 1_000_000} MB free, fewer than {_ROOM // 1_000_000}"
                found.append(f"disk: {folder} has {room}; make room")
        return found


class _Check:
    """Asks a store how it is on a thread of its own: a database that hangs must not hang who asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread: threading.Thread | None = None
        self._said: str | None = None

    def trouble(self) -> list[str]:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._ask, name="alaas-readiness", daemon=True)
            self._thread.start()
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            return [f"store: it has not answered for {_PATIENCE:g} seconds"]
        return [] if self._said is None else [f"store: {self._said}"]

    def _ask(self) -> None:
        try:
            self._store.check()
        except AlaasError as error:
            self._said = error.message
        except Exception as error:  # noqa: BLE001  (a store of somebody else may raise what it likes)
            self._said = f"it broke: {type(error).__name__}"
        else:
            self._said = None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: its disk is the one that is written to."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
