"""The precision report: every engine and precision on the same items."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from alaas.comparing import compare
from alaas.config import SourceSettings
from alaas.encoders import pull
from alaas.errors import AlaasError
from alaas.selecting import quantize_model
from alaas.sources import ItemsSource
from alaas.types import Item
from benchmarks.beyond._words import Found, Table
from benchmarks.beyond.sections._base import Run, Section
from benchmarks.round._dataset import sample
from benchmarks.round.rows.ours import MODEL

_CALIBRATION = 200


class Precisions(Section):
    """What ``alaas models compare`` says."""

    name: ClassVar[str] = "report"

    def measure(self, run: Run) -> Found:
        title, task = "Every engine and precision", run.task
        self._quantize(run)
        try:
            found = compare(
                SourceSettings(uri=task.uris(task.pool)),
                model=MODEL,
                budget=task.budget,
                strategy=task.strategy,
                repeats=run.repeats,
                on_step=lambda step: print(f"report  {step}", flush=True),
            )
        except AlaasError as error:
            run.skip(f"the precision report: {error.message}")
            return Found(title=title, text="Not measured.")
        overlap = f"overlap at {found.budget}"
        head = ("engine", "precision", "model alone /s", "whole job /s", overlap, "mean apart", "max apart")
        return Found(
            title=title,
            text=f"`alaas models compare` on {found.items:,} images of {run.dataset.name}, "
            f"{found.budget} chosen by `{found.strategy}`, median of {found.repeats}; nothing "
            "from the cache.",
            tables=(
                Table(
                    head=head,
                    rows=tuple(
                        (
                            row.runs,
                            row.precision,
                            f"{row.encode_rate:,.0f}",
                            f"{row.job_rate:,.0f}",
                            f"{row.overlap:.0%}",
                            f"{row.mean_difference:.2%}",
                            f"{row.max_difference:.2%}",
                        )
                        for row in found.rows
                    ),
                ),
            ),
            skipped=tuple(
                f"{out.engine} {out.precision}: {out.reason.replace(str(Path.home()), '~')}"
                for out in found.left_out
            ),
            data=asdict(found),
        )

    def _quantize(self, run: Run) -> None:
        """Make the int8 version if it is not here, from images that are not in the pool."""
        folder = pull(MODEL)
        if folder is None or (folder / "model.int8.onnx").is_file():
            return
        print("report  making the int8 version", flush=True)
        few = sample(run.dataset.test, min(_CALIBRATION, len(run.dataset.test)), run.seed)
        source = ItemsSource([Item(id=uri, uri=uri) for uri in run.task.uris(few)])
        try:
            quantize_model(MODEL, source)
        except AlaasError as error:
            run.skip(f"int8: {error.message}")
