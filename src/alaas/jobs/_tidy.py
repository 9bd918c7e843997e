"""Forgetting finished jobs."""

from __future__ import annotations

import threading
import time

from alaas.stores import JobTable

_INTERVAL = 60.0
"""Seconds between two looks for what has grown old, when no job has ended meanwhile."""


class Tidying:
    """Drops finished jobs beyond the number and the age that are kept.

    Args:
        table: where the jobs are.
        keep: finished jobs of each kind that are kept.
        seconds: how long a finished job is kept.
    """

    def __init__(self, table: JobTable, *, keep: int, seconds: float) -> None:
        self._table, self._keep, self._seconds = table, keep, seconds
        self._interval = min(_INTERVAL, seconds / 2)
        self._last = time.monotonic()
        self.due = threading.Event()
        """Set by whoever ends a job."""

    def tidy(self) -> None:
        """Look, if a job has ended here or enough time has passed."""
        if not self.due.is_set() and time.monotonic() - self._last < self._interval:
            return
        self.due.clear()
        self._table.forget(age=self._seconds, keep=self._keep)
        self._last = time.monotonic()
