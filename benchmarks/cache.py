"""How near the feature cache comes to the disk itself: the same bytes written and read raw, in the same run.

    python -m benchmarks.cache --rows 50000 --json cache.json

Every figure is the median of some repeats. What is read was just written, so it comes from the page cache, as
it does in the rounds that follow each other.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alaas.features.digests import DiskDigests
from alaas.features.disk import DiskCache
from alaas.fetching import FileStamp
from alaas.types import Features
from benchmarks._machine import describe_machine

BATCH = 256
OLD_NS = 10**18


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Rows a second of the cache and of the limit beside it, and the first as a share of the second."""

    what: str
    rows_per_second: float
    limit: str
    limit_per_second: float
    ratio: float


class Bench:
    """One set of rows, put and read in several ways."""

    def __init__(self, directory: Path, *, rows: int, width: int, repeats: int) -> None:
        rng = np.random.default_rng(0)
        self.directory, self.repeats = directory, repeats
        self.values: NDArray[np.float32] = rng.random((rows, width), dtype=np.float32)
        self.keys = [rng.bytes(32) for _ in range(rows)]
        self.raw = directory / "raw"
        self.split = width - width * 1000 // 2280

    def rates(self) -> list[Rate]:
        """Measure everything."""
        raw_write = self.median(self.write_raw)
        put = self.median(self.put, before=self.remove_cache)
        raw_read = self.median(self.read_raw)
        order = np.random.default_rng(1).permutation(len(self.keys))
        ordered = self.median(lambda: self.get(range(len(self.keys))))
        shuffled = self.median(lambda: self.get(order.tolist()))
        remembered, looked_up, stat = self.digests()
        return [
            self.rate("put", put, "raw write of the same bytes", raw_write),
            self.rate("get, in the order of put", ordered, "np.fromfile of the same bytes", raw_read),
            self.rate("get, shuffled", shuffled, "np.fromfile of the same bytes", raw_read),
            self.rate("digests: remember", remembered, "os.stat of a file", stat),
            self.rate("digests: lookup", looked_up, "os.stat of a file", stat),
        ]

    def median(self, work: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
        """Seconds of one repeat."""
        seconds = []
        for _ in range(self.repeats):
            before()
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)

    def rate(self, what: str, seconds: float, limit: str, limit_seconds: float) -> Rate:
        """Rows a second from seconds."""
        rows = len(self.keys)
        return Rate(
            what=what,
            rows_per_second=rows / seconds,
            limit=limit,
            limit_per_second=rows / limit_seconds,
            ratio=limit_seconds / seconds,
        )

    def write_raw(self) -> None:
        """Write all rows to one file, a batch at a time."""
        with self.raw.open("wb", buffering=0) as file:
            for first in range(0, len(self.values), BATCH):
                file.write(self.values[first : first + BATCH])

    def read_raw(self) -> None:
        """Read all rows back, a batch at a time."""
        width = self.values.shape[1]
        with self.raw.open("rb") as file:
            for first in range(0, len(self.values), BATCH):
                rows = min(BATCH, len(self.values) - first)
                np.fromfile(file, np.float32, rows * width)

    def open(self) -> DiskCache:
        """The cache, with room for everything."""
        return DiskCache(directory=self.directory / "cache", max_bytes=10**12)

    def remove_cache(self) -> None:
        """Begin with none."""
        shutil.rmtree(self.directory / "cache", ignore_errors=True)

    def put(self) -> None:
        """Put all rows."""
        cache = self.open()
        for first in range(0, len(self.keys), BATCH):
            part = zip(self.keys[first : first + BATCH], self.values[first : first + BATCH], strict=True)
            cache.put(
                [(key, Features(embeddings=row[: self.split], probs=row[self.split :])) for key, row in part]
            )
        cache.close()

    def get(self, order: Sequence[int]) -> None:
        """Get all rows in this order.

        Raises:
            RuntimeError: one is missing, so that the figures would mean nothing.
        """
        cache = self.open()
        for first in range(0, len(order), BATCH):
            if None in cache.get([self.keys[row] for row in order[first : first + BATCH]]):
                raise RuntimeError(f"a row is missing from the cache: {cache.trouble}")
        cache.close()

    def digests(self) -> tuple[float, float, float]:
        """Seconds to remember and to look up one digest a row, and to call stat as often."""
        stamps = [
            FileStamp(path=f"/data/pool/images/{row:09d}.jpg", size=row, mtime_ns=OLD_NS, inode=row)
            for row in range(len(self.keys))
        ]
        index = DiskDigests(directory=self.directory)

        def remember() -> None:
            for first in range(0, len(stamps), BATCH):
                index.remember([(stamp, b"d" * 32) for stamp in stamps[first : first + BATCH]])

        def look_up() -> None:
            for first in range(0, len(stamps), BATCH):
                index.lookup(stamps[first : first + BATCH])

        def stat() -> None:
            path = str(self.raw)
            for _ in stamps:
                os.stat(path)  # noqa: PTH116  (the limit is the bare call)

        seconds = self.median(remember, before=index.clear), self.median(look_up), self.median(stat)
        index.close()
        return seconds


def table(rates: Sequence[Rate]) -> str:
    """The figures for people."""
    lines = [f"{'':26}{'rows/s':>12}{'limit rows/s':>15}{'ratio':>8}  limit"]
    lines += [
        f"{rate.what:26}{rate.rows_per_second:12,.0f}{rate.limit_per_second:15,.0f}{rate.ratio:8.2f}  "
        f"{rate.limit}"
        for rate in rates
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000, help="items in the cache")
    parser.add_argument(
        "--width", type=int, default=2280, help="numbers an item, embeddings and probs together"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--directory", type=Path, help="the disk to measure; by default where temporary files go"
    )
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as place:
        bench = Bench(Path(place), rows=arguments.rows, width=arguments.width, repeats=arguments.repeats)
        rates = bench.rates()
    print(f"{arguments.rows:,} items of {4 * arguments.width:,} bytes in batches of {BATCH}\n{table(rates)}")
    if arguments.json:
        result = {
            "rows": arguments.rows,
            "row_bytes": 4 * arguments.width,
            "batch": BATCH,
            "rates": [asdict(rate) for rate in rates],
            "machine": asdict(describe_machine()),
        }
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
