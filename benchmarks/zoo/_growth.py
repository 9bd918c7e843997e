"""Seconds against the pool's size or the budget, log-log, one panel a family."""

from __future__ import annotations

from pathlib import Path

from alaas.strategies import describe
from benchmarks.zoo._results import Measurement, Results

_PANELS_A_ROW = 4


def draw_growth(results: Results, section: str, path: Path) -> None:
    """Draw one section; the dotted line grows as fast as the pool or the budget does."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    families: dict[str, dict[str, list[Measurement]]] = {}
    for m in results.of(section):
        families.setdefault(describe(m.task.strategy).family, {}).setdefault(m.task.strategy, []).append(m)
    rows = -(-len(families) // _PANELS_A_ROW)
    figure, axes = plt.subplots(
        rows, _PANELS_A_ROW, figsize=(16, 4.2 * rows), sharex=True, sharey=True, squeeze=False
    )
    for panel, (family, strategies) in zip(axes.flat, families.items(), strict=False):
        for name, measured in strategies.items():
            sizes = [_size(m, section) for m in measured]
            panel.loglog(sizes, [m.seconds for m in measured], marker="o", markersize=3, label=name)
        ends = [_size(m, section) for measured in strategies.values() for m in measured]
        low, high = min(ends), max(ends)
        panel.loglog([low, high], [1e-3, 1e-3 * high / low], ":", color="grey", linewidth=1)
        panel.set_title(family)
        panel.legend(fontsize=7)
        panel.grid(visible=True, which="major", linewidth=0.3)
    for panel in axes.flat[len(families) :]:
        panel.set_visible(False)
    figure.supxlabel("items in the pool (B = 100)" if section == "pool" else "budget (n = 100,000)")
    figure.supylabel("seconds")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _size(measurement: Measurement, section: str) -> int:
    return measurement.task.shape.items if section == "pool" else measurement.task.budget
