"""Results as tables of Markdown, which read well in a terminal too."""

from __future__ import annotations

from benchmarks._markdown import markdown_table
from benchmarks.round._requirements import ORIGINAL, requirements
from benchmarks.round._results import Line, Results

_UNKNOWN = "–"


def rows_table(results: Results) -> str:
    """Every row at every place."""
    head = [
        "row",
        "files from",
        "s a round",
        "fastest–slowest",
        "images/s",
        "× original",
        "top-1",
        "memory",
        "same picks",
    ]
    lines = [_cells(results, line) for line in results.lines]
    if results.random_top1 is not None:
        mean, spread = results.random_top1
        lines.append(["random choice", *[_UNKNOWN] * 5, f"{mean:.1%} ± {spread:.1%}", _UNKNOWN, _UNKNOWN])
    return markdown_table(head, lines)


def _cells(results: Results, line: Line) -> list[str]:
    original = results.find(ORIGINAL, line.place)
    return [
        line.row,
        line.place,
        f"{line.seconds:.3f}",
        f"{line.fastest:.3f}–{line.slowest:.3f}",
        f"{line.items_per_second:,.0f}",
        _UNKNOWN if original is None else f"{line.items_per_second / original.items_per_second:,.1f}",
        _UNKNOWN if line.top1 is None else f"{line.top1:.1%}",
        _UNKNOWN if line.peak_bytes is None else f"{line.peak_bytes / 1e6:,.0f} MB",
        _UNKNOWN if line.agreement is None else f"{line.agreement:.0%}",
    ]


def requirements_table(results: Results) -> str:
    """What must hold, and whether it does."""
    answers = {None: _UNKNOWN, True: "yes", False: "**no**"}
    rows = [[found.name, found.target, found.shown, answers[found.holds]] for found in requirements(results)]
    return markdown_table(["ratio, in this run", "target", "measured", "holds"], rows)


def switches_table(results: Results) -> str:
    """What each part of ours is worth."""
    rows = [
        [
            switch.name,
            switch.place,
            f"{switch.with_seconds:.3f}",
            f"{switch.without_seconds:.3f}",
            f"{switch.worth:.2f}×",
        ]
        for switch in results.switches
    ]
    return markdown_table(["switched off", "files from", "s with", "s without", "worth"], rows)


def footprints_table(results: Results) -> str:
    """Memory by the pool's size."""
    rows = [
        [
            f"{footprint.items:,} images",
            f"{footprint.high_water / 1e6:,.0f} MB",
            f"{footprint.sampled_peak / 1e6:,.0f} MB",
            f"{footprint.items / footprint.seconds:,.0f}",
        ]
        for footprint in results.footprints
    ]
    return markdown_table(["pool", "VmHWM", "process tree, sampled", "images/s"], rows)


def notes_list(results: Results) -> str:
    """What a reader should know of single rows."""
    notes = [f"- {line.row}, {line.place}: {line.note}" for line in results.lines if line.note]
    return "\n".join([*notes, *(f"- skipped: {reason}" for reason in results.skipped)])
