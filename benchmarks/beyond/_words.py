"""What a section of the run finds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks._worker import Message
from benchmarks.round._requirements import Requirement
from benchmarks.round._results import ratio
from benchmarks.round.rows import Round


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: the seconds of each repeat, and how much it shares with the reference's picks."""

    row: str
    items: int
    seconds: tuple[float, ...]
    overlap: float | None = None
    note: str = ""

    @property
    def rate(self) -> float:
        """Items a second of the median repeat."""
        return self.items / statistics.median(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that is ready to be shown."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One section: what was measured, what must hold, what was left out; ``data`` goes to the JSON alone."""

    title: str
    text: str
    tables: tuple[Table, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    skipped: tuple[str, ...] = ()
    data: Message | None = None
    after: str = ""

    def to_json(self) -> Message:
        """All of it."""
        return asdict(self)


def lines(rounds: Sequence[Round], reference: str | None = None) -> tuple[Line, ...]:
    """Rounds of one row together, in the order of their first; overlaps with the row ``reference``."""
    groups: dict[str, list[Round]] = {}
    for measured in rounds:
        groups.setdefault(measured.row, []).append(measured)
    picks = set(groups[reference][0].selected) if reference in groups else set()
    return tuple(
        Line(
            row=row,
            items=group[0].items,
            seconds=tuple(measured.seconds for measured in group),
            overlap=len(picks & set(group[0].selected)) / len(picks) if picks and group[0].selected else None,
            note=group[-1].note,
        )
        for row, group in groups.items()
    )


def rates(found: Sequence[Line], base: str, overlap: str) -> Table:
    """Lines as a table; ``base`` is the row that the others are held against."""
    based = next((line for line in found if line.row == base), None)
    rows = []
    for line in found:
        times = (
            "–" if based is None else f"{ratio(based.seconds, line.seconds) * line.items / based.items:.2f}"
        )
        shared = "–" if line.overlap is None else f"{line.overlap:.0%}"
        seconds = f"{statistics.median(line.seconds):.3f}"
        rows.append((line.row, f"{line.items:,}", seconds, f"{line.rate:,.0f}", times, shared, line.note))
    return Table(head=("row", "images", "s", "images/s", f"× {base}", overlap, "note"), rows=tuple(rows))


def at_least(name: str, found: Sequence[Line], *, row: str, base: str, bound: float) -> Requirement:
    """That ``row`` has at least ``bound`` times the images a second of ``base``, repeat by repeat."""
    by_name: Mapping[str, Line] = {line.row: line for line in found}
    measured = None
    if row in by_name and base in by_name:
        ours, theirs = by_name[row], by_name[base]
        measured = ratio(theirs.seconds, ours.seconds) * ours.items / theirs.items
    return Requirement(
        name=name,
        target=f"≥ {bound:g}",
        measured=measured,
        holds=None if measured is None else measured >= bound,
        shown="not measured" if measured is None else f"{measured:.2f}",
    )


OnSkip = Callable[[str], None]
