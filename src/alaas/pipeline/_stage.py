"""A stage: a function over a few records, and how it likes to be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alaas.pipeline._record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One step of the line.

    Attributes:
        name: for counters and progress.
        run: changes the records it is given. A bad item becomes ``record.fail(…)``; what it raises stops the
            whole run.
        workers: how many calls may run at the same time.
        batch: the most records that one call takes.
        linger: seconds to wait for a full batch before a smaller one is taken.
        capacity: the most records that may wait before this stage.
        count: how many workers the machine that it is on wants, for whoever runs the stage on another; None
            where the user has said how many.
    """

    name: str
    run: Callable[[list[Record]], None]
    workers: int
    batch: int
    linger: float
    capacity: int
    count: Callable[[], int] | None = None
