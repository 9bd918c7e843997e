"""The results as tables on a terminal, and as ``docs/benchmarks-strategies.md`` with its pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks._markdown import markdown_table
from benchmarks.zoo._growth import draw_growth
from benchmarks.zoo._plan import SECTIONS
from benchmarks.zoo._results import OURS, Measurement, Results, bandwidth_share, merit, requirements

_UNKNOWN = "–"
_PICTURES = {"pool": "strategies-pool.png", "budget": "strategies-budget.png"}

_HOW = """## How it was measured

- Every measurement is one call in a process of its own, on the same arrays (clusters with a linear head over
  them, float32 unless said), loaded before the clock starts; the best of the repeats. Read small differences
  as equal.
- *memory* is the most that was resident during the call less what was resident before it; for arrays in files
  it is all that was resident.
- *figure of merit*: 2·n·B·D operations (badge: D + C in place of D), which plain greedy needs, as a share of
  what a large sgemm does in the same time. *of bandwidth*: the bytes of the probabilities as a share of what
  all cores together read from memory in the same time. Both are measured in the same process before and after
  each call; medians of the repeats.
- *plain* is the textbook algorithm in plain numpy, one pick after another; for badge with factored distances.
  *repository* goes about badge as the code of its authors does.
- *same picks* is the share of our picks that are also the other's. Strategies that draw at random differ by
  design, and so do those that begin at an item drawn at random; mundig does not look at what is labelled.
- Packages may compute more than the picks, or another rule under the same name: facility location with
  Euclidean similarity stands beside our max_herding, which is facility location with a Gaussian kernel.
"""


def print_results(results: Results) -> None:
    """Print the tables."""
    print()
    print(_requirements(results))
    for line in results.skipped:
        print(f"skipped: {line}")


def write_page(results: Results, docs: Path) -> None:
    """Write the page and draw its pictures."""
    parts = [
        "# Benchmarks of the strategies",
        "Written by `benchmarks/strategies.py`; do not edit. How to run it: "
        "[benchmarks/README.md](../benchmarks/README.md).",
        _machine(results),
        "## What must hold",
        _requirements(results),
    ]
    tables: dict[str, Callable[[Results], str]] = {
        "scores": _scores,
        "kernels": _kernels,
        "beside": _beside,
        "all": _all,
        "scale": _scale,
    }
    for section, table in tables.items():
        if results.of(section):
            parts += [f"## {SECTIONS[section].capitalize()}", table(results)]
    for section, picture in _PICTURES.items():
        if results.of(section):
            draw_growth(results, section, docs / "images" / picture)
            parts += [f"## {SECTIONS[section].capitalize()}", f"![seconds by family](images/{picture})"]
    parts.append(_HOW)
    parts += [f"- skipped: {line}" for line in results.skipped]
    (docs / "benchmarks-strategies.md").write_text("\n\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _machine(results: Results) -> str:
    machine = results.machine
    return "\n".join(
        [
            f"- {results.date}, commit {machine.commit}: `{results.command}`",
            f"- {machine.processor}, {machine.cores} cores, {machine.memory_gb:g} GB, {machine.system}",
            f"- Python {machine.python}, numpy {machine.packages['numpy']}",
            *(f"- {line}" for line in results.kept),
        ]
    )


def _requirements(results: Results) -> str:
    answers = {None: _UNKNOWN, True: "yes", False: "**no**"}
    rows = [[found.name, found.target, found.shown, answers[found.holds]] for found in requirements(results)]
    return markdown_table(["in this run", "target", "measured", "holds"], rows)


def _against(results: Results, measurement: Measurement) -> str:
    for ours in results.of(measurement.task.section):
        if ours.task == measurement.task and measurement.package != OURS:
            return f"{measurement.seconds / ours.seconds:,.1f} ×"
    return _UNKNOWN


def _common(results: Results, m: Measurement) -> list[str]:
    return [
        m.task.strategy,
        m.package,
        f"{m.task.shape.items:,} × {m.task.shape.dimensions}, C = {m.task.shape.classes}",
        f"{m.task.budget:,}",
        f"{m.seconds:.3f}",
        _against(results, m),
        f"{m.extra / 1e6:,.0f} MB",
        _UNKNOWN if m.agreement is None else f"{m.agreement:.0%}",
    ]


_COMMON = ["strategy", "package", "pool", "budget", "seconds", "× ours", "memory", "same picks"]


def _scores(results: Results) -> str:
    rows = [[*_common(results, m), _share(m, bandwidth_share)] for m in results.of("scores", None)]
    return markdown_table([*_COMMON, "of bandwidth"], rows)


def _kernels(results: Results) -> str:
    rows = [[*_common(results, m), _share(m, merit)] for m in results.of("kernels", None)]
    return markdown_table([*_COMMON, "figure of merit"], rows)


def _share(m: Measurement, of: Callable[[Measurement], float]) -> str:
    return f"{of(m):.2f}" if m.package == OURS else _UNKNOWN


def _beside(results: Results) -> str:
    tasks = {m.task for m in results.of("beside", None) if m.package != OURS}
    rows = [_common(results, m) for m in results.of("beside", None) if m.task in tasks]
    return markdown_table(_COMMON, rows)


def _all(results: Results) -> str:
    rows = [
        [f"`{m.task.strategy}`", f"{m.seconds:.2f}", f"{m.extra / 1e6:,.0f} MB"] for m in results.of("all")
    ]
    return markdown_table(["strategy", "seconds", "memory"], rows)


def _scale(results: Results) -> str:
    rows = [
        [f"`{m.task.strategy}`", f"{m.seconds:.1f}", f"{m.most / 1e9:.2f} GB"] for m in results.of("scale")
    ]
    return markdown_table(["strategy", "seconds", "resident"], rows)
