"""The Ray runtime on one machine, against the local runtime."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import ClassVar

from benchmarks.beyond._rows import Ours
from benchmarks.beyond._words import Found, at_least, lines, rates
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.round._dataset import sample

_LOCAL, _RAY = "runtime local", "runtime ray"
_SHARE = 0.6


class Ray(Section):
    """What processes, and features that travel between them, cost where threads would do."""

    name: ClassVar[str] = "ray"

    def measure(self, run: Run) -> Found:
        items = min(run.ray_items, len(run.dataset.train))
        if items < run.ray_items:
            run.skip(f"ray: the data set has {items:,} training images, not {run.ray_items:,}")
        rounds = []
        if find_spec("ray") is not None:
            pool = sample(run.dataset.train, items, run.seed)
            rows = [Ours(label=_LOCAL), Ours(label=_RAY, changes={"pipeline": {"runtime": "ray"}})]
            rounds = run.turns(rows, replace(run.task, pool=pool), slow=rows)
        else:
            run.skip('ray: it is not installed; run pip install "alaas[ray]"')
        found = lines(rounds, _LOCAL)
        name = f"runtime ray / runtime local, images/s, {items:,} images, one machine"
        return Found(
            title="Ray on one machine",
            text=f"{items:,} images of {run.dataset.name}, cold, as a library; Ray is started "
            "before the clock.",
            tables=(rates(found, _LOCAL, "same picks"),) if found else (),
            requirements=(at_least(name, found, row=_RAY, base=_LOCAL, bound=_SHARE),),
        )
