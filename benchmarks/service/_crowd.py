"""Many annotators at once, each in a hurry, from one process.

    python -m benchmarks.service._crowd URL ANNOTATORS SECONDS RATE

Each annotator has a batch of its own and tells one label a request. ``RATE`` labels a second are wanted of
all together; 0 means as many as they can. Prints JSON: labels a second and seconds of a request.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import numpy as np

from alaas.client import AsyncClient
from benchmarks.service._server import PROJECT, label_of

_BATCH = 400


async def crowd(url: str, annotators: int, seconds: float, rate: float) -> dict[str, float]:
    """Let them label for some seconds."""
    took: list[float] = []
    async with AsyncClient(url, timeout=60.0) as client:
        project = client.project(PROJECT)
        names = [f"annotator-{number}" for number in range(annotators)]
        batches = [await project.ask(_BATCH, annotator=name) for name in names]
        began = time.perf_counter()

        async def work(number: int) -> None:
            pause = annotators / rate if rate else 0.0
            await asyncio.sleep(pause * number / annotators)
            for item in batches[number].items:
                start = time.perf_counter()
                if start - began > seconds:
                    return
                await project.tell(batches[number].id, {item.id: label_of(item.id)}, annotator=names[number])
                spent = time.perf_counter() - start
                took.append(spent)
                await asyncio.sleep(max(0.0, pause - spent))

        await asyncio.gather(*(work(number) for number in range(annotators)))
        whole = time.perf_counter() - began
        for batch in batches:
            await project.release(batch.id)
    times = np.array(took)
    return {
        "labels_per_second": len(took) / whole,
        "median": float(np.median(times)),
        "p99": float(np.quantile(times, 0.99)),
        "longest": float(times.max()),
    }


if __name__ == "__main__":
    where, many, long, wanted = sys.argv[1:]
    print(json.dumps(asyncio.run(crowd(where, int(many), float(long), float(wanted)))))
