"""The heart of a process that works: it says that its jobs are alive, and hears what is wanted of them."""

from __future__ import annotations

import time

from alaas.jobs._rows import progress_document
from alaas.jobs._runs import Run, Runs
from alaas.stores import JobTable

_LOOK_INTERVAL = 0.25
"""Seconds between two looks whether somebody, in any process, wants a job cancelled."""

_REST = 60.0


class Heart:
    """Beats for every run of this process.

    A beat is a write, so there is one only when there is progress to tell, or when the others would begin to
    worry. In between, one read for all the runs shows which of them are to stop.

    Args:
        table: where the jobs are.
        runs: what runs here.
        interval: seconds between two beats with progress.
        lease: seconds of silence after which others take a job.
    """

    def __init__(self, table: JobTable, runs: Runs, *, interval: float, lease: float) -> None:
        self._table, self._runs = table, runs
        self._interval, self._sign_of_life = interval, lease / 5
        self._looked = 0.0

    def beat(self) -> float:
        """Beat once for those that need it; gives the seconds to the next time."""
        runs = self._runs.all()
        if not runs:
            return _REST
        now = time.monotonic()
        quiet = [run for run in runs if not self._beat_for(run, now)]
        if quiet and now - self._looked >= _LOOK_INTERVAL:
            self._look(quiet)
            self._looked = now
        return min(self._interval, _LOOK_INTERVAL, self._sign_of_life)

    def _beat_for(self, run: Run, now: float) -> bool:
        news, silence = run.news, now - run.beaten
        if silence < (self._sign_of_life if news is None else self._interval):
            return False
        document = None if news is None else progress_document(news)
        row = self._table.beat(run.row.id, run.row.attempt, progress=document)
        if news is not None:
            run.told = news
        run.beaten = now
        run.look(row)
        return True

    def _look(self, runs: list[Run]) -> None:
        rows = {row.id: row for row in self._table.running()}
        for run in runs:
            run.look(rows.get(run.row.id))
