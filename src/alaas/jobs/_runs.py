"""What runs in this process."""

from __future__ import annotations

import threading
import time

from alaas.jobs._base import JobProgress, JobRun
from alaas.jobs._loop import Bell
from alaas.stores import JobRow


class Run:
    """One attempt of a job, under way in this process.

    ``asked``: somebody wants the job cancelled. ``lost``: the attempt is not the job's any more. Either way,
    and when the process stops, ``cancel`` tells the handler to stop.
    """

    def __init__(self, row: JobRow) -> None:
        self.row = row
        self.cancel = threading.Event()
        self.asked = False
        self.lost = False
        self.beaten = time.monotonic()
        self.told: JobProgress | None = None
        self._progress: JobProgress | None = None

    @property
    def handle(self) -> JobRun:
        """What the handler gets."""
        return JobRun(id=self.row.id, attempt=self.row.attempt, cancel=self.cancel, report=self._report)

    @property
    def news(self) -> JobProgress | None:
        """The latest progress if it has not been told yet."""
        return None if self._progress is self.told else self._progress

    def look(self, row: JobRow | None) -> None:
        """Notice how the job stands in the store."""
        if row is None or row.state != "running" or row.attempt != self.row.attempt:
            self.lost = True
        elif row.cancel:
            self.asked = True
        if self.lost or self.asked:
            self.cancel.set()

    def _report(self, progress: JobProgress) -> None:
        self._progress = progress


class Runs:
    """All of them; ``begun`` rings when one is added."""

    def __init__(self) -> None:
        self.begun = Bell()
        self._runs: dict[tuple[str, int], Run] = {}
        self._lock = threading.Lock()

    def add(self, run: Run) -> None:
        """Take a run in."""
        with self._lock:
            self._runs[run.row.id, run.row.attempt] = run
        self.begun.ring()

    def remove(self, run: Run) -> None:
        """Let go of a run that has ended."""
        with self._lock:
            self._runs.pop((run.row.id, run.row.attempt), None)

    def all(self) -> list[Run]:
        """Those that are under way."""
        with self._lock:
            return list(self._runs.values())
