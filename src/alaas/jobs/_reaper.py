"""Finds jobs whose worker is dead and gives them back to the queue."""

from __future__ import annotations

import logging
import time

from alaas.jobs._worker_name import is_gone
from alaas.stores import JobRow, JobTable

_log = logging.getLogger("alaas.jobs")


class Reaper:
    """Watches the beats of running jobs.

    A job is dead when its process is seen to have ended on this machine, or when its beat has stayed the same
    for ``lease`` seconds. No time of day is compared, and no two clocks: each reaper measures by its own,
    which a change of the time does not touch. Only time in which it looked counts, in steps of about
    ``interval``: while the store was away nobody could beat, and nobody is to blame.

    Args:
        table: where the jobs are.
        lease: seconds of silence after which a job is taken back.
        attempts: workers that a job may lose.
        interval: seconds between two looks.
    """

    def __init__(self, table: JobTable, *, lease: float, attempts: int, interval: float) -> None:
        self._table, self._lease, self._attempts = table, lease, attempts
        self.interval = interval
        self._watched = 0.0
        self._looked: float | None = None
        self._seen: dict[tuple[str, int, int], float] = {}

    def look(self) -> list[JobRow]:
        """Look once; gives the jobs that were taken back."""
        rows = self._table.running()
        now = time.monotonic()
        if self._looked is not None:
            self._watched += min(now - self._looked, 2 * self.interval)
        self._looked = now
        before, self._seen = self._seen, {}
        for row in rows:
            signs = (row.id, row.attempt, row.beat)
            self._seen[signs] = before.get(signs, self._watched)
        return [back for row in rows if self._is_dead(row) and (back := self._take_back(row)) is not None]

    def _is_dead(self, row: JobRow) -> bool:
        silent = self._watched - self._seen[row.id, row.attempt, row.beat]
        return silent >= self._lease or (row.worker is not None and is_gone(row.worker))

    def _take_back(self, row: JobRow) -> JobRow | None:
        back = self._table.reclaim(row.id, row.attempt, row.beat, attempts=self._attempts)
        if back is not None:
            _log.warning(
                "job %s (%s) has lost its worker %s in attempt %d and is %s now",
                row.id,
                row.kind,
                row.worker,
                row.attempt,
                back.state,
            )
        return back
