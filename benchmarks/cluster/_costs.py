"""What one item costs on this machine, measured."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import alaas
from alaas.config import CacheSettings, Config, PipelineSettings, RaySettings
from alaas.features.pool import PoolWriter
from alaas.pipeline import Record, Stage
from alaas.runtimes import registry
from alaas.types import Features, Item
from benchmarks.cluster._projection import PerItem


def measure_costs(images: Path, *, model: str | None, budget: int, strategy: str) -> PerItem:
    """Choose from a folder of images with the local runtime; hand many records to the cluster and back."""
    config = Config(pipeline=PipelineSettings(runtime="local"), cache=CacheSettings(enabled=False))
    chosen = alaas.select(images, budget=budget, strategy=strategy, model=model, config=config)
    items = chosen.stats.items
    seconds = {stage.name: stage.seconds / items for stage in chosen.stats.stages}
    width = _width(model)
    sizes = [path.stat().st_size for path in images.rglob("*") if path.is_file()]
    return PerItem(
        source_bytes=sum(sizes) / len(sizes),
        feature_bytes=4.0 * width,
        fetch_seconds=seconds["fetch"],
        decode_seconds=seconds["decode"],
        encode_seconds=seconds["encode"],
        driver_seconds=_driver_seconds(width),
        select_seconds=seconds["select"],
    )


def _width(model: str | None) -> int:
    """Numbers that are kept of one item."""
    from alaas.encoders import describe

    about = describe(model or "efficientnet-lite0")
    return (about.dimensions or 0) + (about.classes or 0)


def _driver_seconds(dimensions: int, items: int = 50_000) -> float:
    """Processor seconds of the driver for an item: handed out, its features taken back and written down."""

    def compute(records: list[Record]) -> None:
        for record in records:
            record.features = Features(embeddings=np.full(dimensions, record.row, dtype=np.float32))

    stage = Stage(name="compute", run=compute, workers=1, batch=256, linger=0.0, capacity=1024)
    runtime = registry.get("ray")(PipelineSettings(ray=RaySettings(block=512)))
    runtime.run([], [stage], lambda _: None)  # connected, so that starting a cluster is not counted
    with PoolWriter({"embeddings"}) as writer:
        things = (Item(id=str(row), uri=f"s3://bucket/{row:012}.jpg") for row in range(items))
        feed = (Record(row=writer.admit(item), item=item) for item in things)
        began = time.process_time()
        runtime.run(
            feed, [stage], lambda out: writer.keep((one.row, one.digest, one.features) for one in out)
        )
        return (time.process_time() - began) / items
