"""What runs in each process of the cluster: the stages of one group, on threads."""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from socket import gethostname

from alaas.cores import grant_cores
from alaas.pipeline import Record, Stage
from alaas.runtimes._channel import Stopped
from alaas.runtimes._crew import SINK, Crew
from alaas.types import StageStats
from alaas.version import __version__


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What an actor is told when it starts: the stages, its cores, and where the driver stands."""

    stages: tuple[Stage, ...]
    cores: int
    queue_bytes: int
    folder: str


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
        with suppress(OSError):  # relative paths mean what they mean to the driver, if it is this machine
            os.chdir(errand.folder)
        grant_cores(errand.cores)
        self._crew = Crew([_fitted(stage, errand.cores) for stage in errand.stages], errand.queue_bytes)
        self._tickets: dict[int, _Ticket] = {}
        self._lock = threading.Lock()
        self._crew.start()
        threading.Thread(target=self._collect, name="alaas-collect", daemon=True).start()

    def ready(self) -> str:
        """Answers once the actor has started, with its version."""
        return __version__

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


def _fitted(stage: Stage, cores: int) -> Stage:
    """The stage with as many threads as this process has cores, if it has one a core."""
    if not stage.per_core or stage.workers == cores:
        return stage
    capacity = max(stage.batch, stage.capacity * cores // stage.workers)
    return replace(stage, workers=cores, capacity=capacity)


def _portable(error: BaseException) -> BaseException:
    """The error if it can be sent, else one that says the same; with where it came from."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (made here, a moment ago)
    except Exception:  # noqa: BLE001  (whatever a foreign exception's own code raises)
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"on {gethostname()}:\n{where}")
    return error
