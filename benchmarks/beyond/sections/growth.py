"""From one to eight processes on Ray whose stages wait for a network."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from alaas.runtimes import registry
from benchmarks._worker import Message, Worker, WorkerError, module
from benchmarks.beyond._words import Found, Table
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.round._dataset import sample
from benchmarks.round._requirements import Requirement
from benchmarks.round.rows import Place
from benchmarks.round.rows.ours import settings

_WORKERS = (1, 2, 4, 8)
_ITEMS = 500
"""A worker; with two downloads of 50 ms at a time, some 12 seconds."""

_DOWNLOADS = 2
_CORES = 0.2
"""Of one worker, as Ray counts: eight fit on two cores, since they wait."""

_SHARE = 0.8
"""Of the straight line, that eight workers must reach."""


class Growth(Section):
    """What more machines are worth where the work is to wait: downloads of 50 ms, two at a time a worker."""

    name: ClassVar[str] = "growth"

    def measure(self, run: Run) -> Found:
        rates = self._rates(run)
        few, many = rates.get(_WORKERS[0]), rates.get(_WORKERS[-1])
        measured = None if few is None or many is None else many / few
        bound = _SHARE * _WORKERS[-1]
        head = ("workers", "images/s", "× one worker", "of the straight line")
        rows = [
            (str(count), f"{rate:,.1f}", f"{rate / few:.2f}", f"{rate / few / count:.0%}")
            for count, rate in rates.items()
            if few is not None
        ]
        return Found(
            title="From one worker to eight",
            text="Ray processes that fetch from a server which answers after 50 ms, two downloads at a time "
            "each, and decode; the rate once all processes are up, between 40 % and 90 % of the images.",
            tables=(Table(head=head, rows=tuple(rows)),) if rows else (),
            requirements=(
                Requirement(
                    name="eight Ray workers that wait / one, images/s",
                    target=f"≥ {bound:g}",
                    measured=measured,
                    holds=None if measured is None else measured >= bound,
                    shown="not measured" if measured is None else f"{measured:.2f}",
                ),
            ),
            data={"rates": {str(count): rate for count, rate in rates.items()}},
        )

    def _rates(self, run: Run) -> dict[int, float]:
        if "ray" not in registry:
            run.skip("growth: this version has no runtime ray")
            return {}
        found = {}
        try:
            with Worker(
                module("benchmarks.round._objects", str(run.dataset.folder)), ready="port"
            ) as objects:
                place = Place(name="http50", base=f"http://127.0.0.1:{objects.greeting}")
                for count in _WORKERS:
                    found[count] = self._rate(run, place, count)
                    print(f"growth  {count} workers  {found[count]:8.1f} images/s", flush=True)
        except WorkerError as error:
            run.skip(f"growth: {str(error).splitlines()[-1][:200]}")
        return found

    def _rate(self, run: Run, place: Place, count: int) -> float:
        pool = sample(run.dataset.train, min(_ITEMS * count, len(run.dataset.train)), run.seed)
        task = replace(run.task, place=place, pool=pool)
        group = {"cpus": _CORES, "min_workers": count, "max_workers": count}
        changes: Message = {
            "pipeline": {
                "runtime": "ray",
                "download_workers": _DOWNLOADS,
                "ray": {"block": 20, "groups": [group]},
            },
        }
        with tempfile.TemporaryDirectory(dir=run.task.scratch) as folder:
            configuration = json.dumps(settings(task, Path(folder), {**changes, "cache": {"enabled": False}}))
            with Worker(module("benchmarks.beyond.workers.growth", configuration)) as worker:
                answer = worker.ask({"uris": task.uris(pool)})
        if answer["failed"]:
            raise WorkerError(f"{len(answer['failed'])} items failed, the first: {answer['failed'][0]}")
        return float(answer["rate"])
