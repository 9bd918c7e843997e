"""One line a stage while a terminal looks on; nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from alaas.runtimes import OnProgress, Progress


@contextmanager
def progress() -> Iterator[OnProgress | None]:
    """What to hand a run as ``on_progress``; None if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars() as bars:
        yield _Display(bars)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """What to call with how many are done, and of how many; shows nothing if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with _bars() as bars:
        line = bars.add_task(what, total=None, note="")
        yield lambda done, total: bars.update(line, completed=done, total=total)


class _Display:
    """Shows glances at a run as one line a stage and one for the whole."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._lines: dict[str, TaskID] = {}

    def __call__(self, glance: Progress) -> None:
        for stage in glance.stages:
            note = f"{stage.busy:4.0%} busy, {stage.queue:.0f} waiting"
            self._show(stage.name, stage.items, glance.total, note)
        rate = glance.done / glance.seconds if glance.seconds else 0.0
        note = f"{rate:,.0f} items/s" + (f", {glance.failed} failed" if glance.failed else "")
        self._show("all", glance.done, glance.total, note)

    def _show(self, name: str, completed: int, total: int | None, note: str) -> None:
        if name not in self._lines:
            self._lines[name] = self._bars.add_task(name, total=total, note=note)
        self._bars.update(self._lines[name], completed=completed, total=total, note=note)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
