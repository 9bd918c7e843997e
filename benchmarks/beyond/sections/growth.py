"""Growth on Ray, and what larger pools would take: ``benchmarks/scaling.py``, as a part of this run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from benchmarks._worker import ROOT, Message
from benchmarks.beyond._words import Found, Table
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.cluster._projection import Assumptions, PerItem, projection
from benchmarks.round._requirements import Requirement

_PROGRAM = ROOT / "benchmarks" / "scaling.py"
_TIMES = 6.0
_PATIENCE = 1800


class Growth(Section):
    """From one process to eight that wait for downloads; then a projection from what an image costs here."""

    name: ClassVar[str] = "growth"

    def measure(self, run: Run) -> Found:
        told = self._told(run)
        rates = {one["workers"]: one["rate"] for one in told.get("growth", ())}
        measured = rates[8] / rates[1] if {1, 8} <= set(rates) else None
        rows = tuple(
            (str(count), f"{rate:,.0f}", f"{rate / rates[1]:.2f}", f"{rate / rates[1] / count:.0%}")
            for count, rate in rates.items()
        )
        head = ("processes", "items/s", "× one", "of the straight line")
        return Found(
            title="From one process to eight, and to a billion images",
            text="Ray processes that fetch from a server which answers after 50 ms, two downloads at a time "
            "each. Then what 10 million and a billion images would take, from what one took here; the prices "
            "are assumptions, see docs/scaling.md.",
            tables=(Table(head=head, rows=rows),) if rows else (),
            requirements=(
                Requirement(
                    name="eight Ray processes that wait / one, items/s",
                    target=f"≥ {_TIMES:g}",
                    measured=measured,
                    holds=None if measured is None else measured >= _TIMES,
                    shown="not measured" if measured is None else f"{measured:.2f}",
                ),
            ),
            data=told,
            after=_projected(told),
        )

    def _told(self, run: Run) -> Message:
        """What the program writes down, or nothing with the reason among what was skipped."""
        if find_spec("ray") is None:
            run.skip('growth: Ray is not installed; run pip install "alaas[ray]"')
            return {}
        with tempfile.TemporaryDirectory(dir=run.task.scratch) as folder:
            images, result = Path(folder) / "images", Path(folder) / "scaling.json"
            images.mkdir()
            for number, picture in enumerate(run.task.pool):
                file = run.dataset.path(picture)
                shutil.copyfile(file, images / f"{number}{file.suffix}")
            command = [sys.executable, str(_PROGRAM), "--images", str(images), "--json", str(result)]
            command += ["--budget", str(run.task.budget)]
            ended = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_PATIENCE, cwd=ROOT
            )
            if not result.exists():  # its code also says whether its own target holds
                last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
                run.skip(f"growth: {last[:200]}")
                return {}
            made: Message = json.loads(result.read_text(encoding="utf-8"))
        return made


def _projected(told: Message) -> str:
    if "per_item" not in told:
        return ""
    return projection(PerItem(**told["per_item"]), Assumptions(**told["assumptions"]))
