"""What runs in each process of the cluster: the stages of one group, on threads."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from socket import gethostname

from alaas.cores import grant_cores
from alaas.pipeline import Record, Stage
from alaas.runtimes._channel import Stopped
from alaas.runtimes._crew import SINK, Crew
from alaas.types import StageStats
from alaas.version import __version__


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What an actor is told when it starts.

    Attributes:
        stages: the stages, pickled: they can be read only once ``path`` is known.
        cores: how many it may use.
        queue_bytes: content that may wait between two stages.
        folder: where the driver stands, so that relative paths mean the same on its machine.
        path: where the driver finds modules.
    """

    stages: bytes
    cores: int
    queue_bytes: int
    folder: str
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Started:
    """That an actor can begin, or the ``error`` why not."""

    version: str
    error: BaseException | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a block: the records that left the line, how many went on, and the actor's counts.

    ``error`` is what a stage raised.
    """

    leaving: list[Record] = field(default_factory=list)
    onward: int = 0
    stats: tuple[StageStats, ...] = ()
    error: BaseException | None = None


@dataclass(slots=True)
class _Ticket:
    """A block in work: its records come back in any order, mixed with those of other blocks."""

    due: int
    records: list[Record] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


class LineActor:
    """Runs stages for blocks that come while others are in work: no thread waits for a block's end."""

    def __init__(self, errand: Errand) -> None:
        with suppress(OSError):
            os.chdir(errand.folder)
        sys.path.extend(entry for entry in errand.path if entry not in sys.path and Path(entry).exists())
        grant_cores(errand.cores)
        self._errand = errand
        self._tickets: dict[int, _Ticket] = {}
        self._lock = threading.Lock()

    def start(self) -> Started:
        """Open the stages and begin; called once, before anything else."""
        try:
            stages: tuple[Stage, ...] = pickle.loads(self._errand.stages)  # noqa: S301  (from our own driver)
        except Exception as error:  # noqa: BLE001  (whatever is missing here, the driver says it)
            return Started(version=__version__, error=_portable(error))
        self._crew = Crew([_fitted(stage) for stage in stages], self._errand.queue_bytes)
        self._crew.start()
        threading.Thread(target=self._collect, name="alaas-collect", daemon=True).start()
        return Started(version=__version__)

    def work(self, records: Sequence[Record]) -> tuple[Report, list[Record]]:
        """Run the stages over a block; the second part goes on to the next group."""
        ticket = _Ticket(due=len(records))
        with self._lock:
            self._tickets.update((record.row, ticket) for record in records)
        try:
            self._crew.put(list(records))
            ticket.done.wait()
        except Stopped:
            pass
        if self._crew.error is not None:
            return Report(error=_portable(self._crew.error)), []
        leaving = [record for record in ticket.records if record.finished]
        onward = [record for record in ticket.records if not record.finished]
        return Report(leaving=leaving, onward=len(onward), stats=self._crew.stats()), onward

    def _collect(self) -> None:
        with suppress(Stopped):
            while (records := self._crew.outlet.take(SINK, 0.0)) is not None:
                with self._lock:
                    tickets = [self._tickets.pop(record.row) for record in records]
                for record, ticket in zip(records, tickets, strict=True):
                    ticket.records.append(record)
                    if len(ticket.records) == ticket.due:
                        ticket.done.set()
        with self._lock:  # a stage has failed: nobody shall wait for the rest
            for ticket in self._tickets.values():
                ticket.done.set()


def _fitted(stage: Stage) -> Stage:
    """The stage with as many threads as the cores that this process was given want."""
    workers = stage.workers if stage.count is None else stage.count()
    capacity = max(stage.batch, stage.capacity * workers // stage.workers)
    return replace(stage, workers=workers, capacity=capacity)


def _portable(error: BaseException) -> BaseException:
    """The error if it can be sent, else one that says the same; with where it came from."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (made here, a moment ago)
    except Exception:  # noqa: BLE001  (whatever a foreign exception's own code raises)
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"on {gethostname()}:\n{where}")
    return error
