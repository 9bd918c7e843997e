"""Everything that one run measured, and the lines of the table that follow from it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks._machine import Machine
from benchmarks._worker import Message
from benchmarks.round.rows import Round


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the table at one place: medians over its rounds.

    ``turns`` holds the median seconds of each repeat, so that rows can be compared within one repeat.
    ``agreement`` is the share of its picks that ours (library, cold, same place) picked too; ``top1`` the
    accuracy of a linear head trained on its picks.
    """

    row: str
    place: str
    items: int
    rounds: int
    seconds: float
    fastest: float
    slowest: float
    turns: tuple[float, ...]
    peak_bytes: int | None
    top1: float | None
    agreement: float | None
    note: str

    @property
    def items_per_second(self) -> float:
        """Throughput of the median round."""
        return self.items / self.seconds


@dataclass(frozen=True, kw_only=True)
class Switch:
    """What one part of ours is worth: median seconds with and without it, same place, same run.

    ``worth`` is how many times longer a round takes without: the median over the repeats.
    """

    name: str
    place: str
    with_seconds: float
    without_seconds: float
    worth: float


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """Memory of one cold round in a process of its own: VmHWM, and the most that its process tree held."""

    items: int
    seconds: float
    high_water: int
    sampled_peak: int

    @property
    def peak(self) -> int:
        """The larger of the two, bytes."""
        return max(self.high_water, self.sampled_peak)


@dataclass(frozen=True, kw_only=True)
class Results:
    """One run of the benchmark."""

    machine: Machine
    peers: dict[str, dict[str, str]]
    command: str
    date: str
    dataset: str
    pool: int
    budget: int
    strategy: str
    test: int
    random_top1: tuple[float, float] | None
    lines: tuple[Line, ...]
    switches: tuple[Switch, ...] = ()
    footprints: tuple[Footprint, ...] = ()
    skipped: tuple[str, ...] = ()

    def find(self, row: str, place: str) -> Line | None:
        """A line by its name and place."""
        return next((line for line in self.lines if (line.row, line.place) == (row, place)), None)

    def to_json(self) -> Message:
        """The whole of it, throughputs added."""
        made = asdict(self)
        for line, plain in zip(self.lines, made["lines"], strict=True):
            plain["items_per_second"] = line.items_per_second
        return made


def summarise(rounds: Sequence[Round], top1: dict[tuple[str, ...], float]) -> tuple[Line, ...]:
    """Lines in the order of their first rounds; ``top1`` by the picks."""
    groups: dict[tuple[str, str], list[Round]] = {}
    for measured in rounds:
        groups.setdefault((measured.row, measured.place), []).append(measured)
    return tuple(_line(group, groups, top1) for group in groups.values())


def _line(
    group: Sequence[Round],
    groups: dict[tuple[str, str], list[Round]],
    top1: dict[tuple[str, ...], float],
) -> Line:
    first, seconds = group[0], [measured.seconds for measured in group]
    ours = groups.get(("ours, library, cold", first.place))
    shared = set(first.selected) & set(ours[0].selected) if ours else set()
    return Line(
        row=first.row,
        place=first.place,
        items=first.items,
        rounds=len(group),
        seconds=statistics.median(seconds),
        fastest=min(seconds),
        slowest=max(seconds),
        turns=_turns(group),
        peak_bytes=max((measured.peak_bytes or 0 for measured in group), default=0) or None,
        top1=top1.get(first.selected),
        agreement=len(shared) / len(first.selected) if ours and first.selected else None,
        note=min(group, key=lambda measured: measured.seconds).note,
    )


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """How many times as long: the median over the repeats that both took part in.

    Two rows of one repeat were measured within a minute, so that a machine that changes its speed from one
    repeat to the next does not change their ratio.
    """
    return statistics.median(long / short for long, short in zip(slow, fast, strict=False))


def _turns(group: Sequence[Round]) -> tuple[float, ...]:
    turns: dict[int, list[float]] = {}
    for measured in group:
        turns.setdefault(measured.repeat, []).append(measured.seconds)
    return tuple(statistics.median(turns[repeat]) for repeat in sorted(turns))
