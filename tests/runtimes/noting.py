"""A line whose encoder notes each item that it encodes in a file, and a driver that can be killed."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from alaas.config import (
    Config,
    EgressSettings,
    LimitSettings,
    PipelineSettings,
    RayGroupSettings,
    RaySettings,
)
from alaas.encoders import EncodedBatch, Encoder
from alaas.features.digests import DiskDigests
from alaas.features.disk import DiskCache
from alaas.fetching import open_fetcher
from alaas.modalities import Decoded, Modality
from alaas.pipeline import Line, Record
from alaas.runtimes import registry
from alaas.types import Item, ModalityName


class Letters(Modality):
    """A text as its bytes."""

    name: ClassVar[ModalityName] = "text"
    fingerprint = "letters"

    def inline(self, item: Item) -> bytes | None:
        return (item.text or "").encode()

    def decode(self, content: bytes) -> Decoded:
        return np.frombuffer(content, dtype=np.uint8).copy()

    def example(self) -> Decoded:
        return np.zeros(1, dtype=np.uint8)

    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, Any]:
        return {}


class Noting(Encoder):
    """Embeds a text as its length and its sum, slowly, and notes each text and its own process."""

    name = "noting"
    provides = frozenset({"embeddings"})
    fingerprint = "noting-1"

    def __init__(self, notes: Path, seconds: float) -> None:
        self.notes, self.seconds = notes, seconds
        self.modality = Letters()

    def load(self) -> None: ...

    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        time.sleep(self.seconds * len(batch))
        lines = b"".join(b"%d %s\n" % (os.getpid(), letters.tobytes()) for letters in batch)
        with self.notes.open("ab", buffering=0) as file:  # one write: lines of processes do not mix
            file.write(lines)
        return EncodedBatch(embeddings=np.array([[len(b), b.sum()] for b in batch], dtype=np.float32))


def line(folder: Path, *, seconds: float = 0.002) -> Line:
    """The line, with its cache and its notes in ``folder``."""
    encoder = Noting(folder / "notes", seconds)
    return Line(
        modality=encoder.modality,
        fetcher=open_fetcher(EgressSettings(), LimitSettings(), trusted=True),
        digests=DiskDigests(directory=folder / "cache"),
        cache=DiskCache(directory=folder / "cache", max_bytes=10_000_000),
        encoder=encoder,
        wanted=frozenset({"embeddings"}),
        settings=Config().pipeline,
    )


def feed(count: int) -> list[Record]:
    return [Record(row=row, item=Item(id=str(row), text=f"text {row}")) for row in range(count)]


def notes(folder: Path) -> list[tuple[int, str]]:
    """What was encoded so far, and by which process."""
    if not (folder / "notes").exists():
        return []
    lines = (folder / "notes").read_text().splitlines()
    return [(int(number), text) for number, _, text in (entry.partition(" ") for entry in lines)]


def groups(names: str) -> list[RayGroupSettings]:
    """One group, or two that need the resources ``load`` and ``model``."""
    if names == "one":
        return [RayGroupSettings()]
    load = RayGroupSettings(stages=["fetch", "recall", "decode"], resources={"load": 1.0}, max_workers=2)
    return [load, RayGroupSettings(resources={"model": 1.0}, max_workers=2)]


def run(folder: Path, *, count: int, settings: RaySettings, seconds: float = 0.002) -> list[Record]:
    """The whole line over ``count`` texts; what has left goes to the file ``left`` as it leaves."""
    out: list[Record] = []

    def sink(records: list[Record]) -> None:
        out.extend(records)
        with (folder / "left").open("a") as file:
            file.writelines(f"{record.row}\n" for record in records)

    runtime = registry.get("ray")(PipelineSettings(ray=settings))
    runtime.run(feed(count), line(folder, seconds=seconds).stages(), sink, cancel=threading.Event())
    return out


if __name__ == "__main__":
    run(
        Path(sys.argv[1]),
        count=int(sys.argv[2]),
        settings=RaySettings(block=32, address="local"),
        seconds=0.01,
    )
