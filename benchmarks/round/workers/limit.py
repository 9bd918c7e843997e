"""The limit: the decoder alone on all cores, then the engine alone on all cores.

No pipeline that does both with the same decoder and engine on the same cores can be faster than the two times
added up, unless it leaves work out. Each is given its best arrangement: threads and batch sizes are tried in
the warm-up. Contents are in memory before the clock starts; collating, hashing, storing and selecting are not
counted.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from alaas.cores import available_cores
from alaas.modalities import Decoded
from benchmarks._worker import Message, serve
from benchmarks.round._engine import Bench, Session, open_bench

_SMALL, _LARGE = (1, 4, 8, 16), (8, 32)
_TRIALS = 2
_COLLATED = 256
"""Images that are ready as model input at once, 38 MB; a larger pool goes over them again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """How the engine is called: ``callers`` at a time, each with ``batch`` images, ``threads`` in a call."""

    callers: int
    threads: int
    batch: int

    def __str__(self) -> str:
        inside = "ONNX Runtime's own threads" if self.threads == 0 else f"{self.threads} thread"
        return f"{self.callers} calls side by side, {inside} each, batch {self.batch}"


class Limit:
    """Times decoder and engine alone."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        cores = available_cores()
        self._sessions = {1: bench.session(threads=1), 0: bench.session(threads=0)}
        self._arrangements = [
            Arrangement(callers=callers, threads=threads, batch=batch)
            for callers, threads, batches in ((cores, 1, _SMALL), (1, 0, _LARGE))
            for batch in batches
        ]
        self._decoders = sorted({1, cores, 2 * cores})
        self._best: tuple[int, Arrangement] | None = None

    def answer(self, question: Message) -> Message:
        """Time one pool of local files; the warm-up's question (``probe``) settles the arrangements."""
        contents = [Path(uri).read_bytes() for uri in question["uris"]]
        if question.get("probe") or self._best is None:
            self._best = self._probe(contents)
        workers, arrangement = self._best
        decode, decoded = self._decode(contents, workers)
        engine = self._engine(decoded[:_COLLATED], len(contents), arrangement)
        return {
            "seconds": decode + engine,
            "decode_seconds": decode,
            "engine_seconds": engine,
            "decoders": workers,
            "arrangement": str(arrangement),
        }

    def _probe(self, contents: Sequence[bytes]) -> tuple[int, Arrangement]:
        few = list(contents)
        decoded = self._decode(few, 1)[1]
        for arrangement in self._arrangements:  # first calls allocate
            self._engine(decoded, arrangement.batch * arrangement.callers, arrangement)
        decoding, running = (
            dict.fromkeys(self._decoders, math.inf),
            dict.fromkeys(self._arrangements, math.inf),
        )
        for _ in range(_TRIALS):  # in turn, so that a slow moment of the machine does not decide
            for count in decoding:
                decoding[count] = min(decoding[count], self._decode(few, count)[0])
            for candidate in running:
                running[candidate] = min(running[candidate], self._engine(decoded, len(few), candidate))
        return min(decoding, key=decoding.__getitem__), min(running, key=running.__getitem__)

    def _decode(self, contents: Sequence[bytes], workers: int) -> tuple[float, list[Decoded]]:
        decode = self._bench.modality.decode
        if workers == 1:
            started = time.perf_counter()
            decoded = [decode(content) for content in contents]
            return time.perf_counter() - started, decoded
        with ThreadPoolExecutor(workers) as pool:
            started = time.perf_counter()
            # Shares of a few images, so that handing out work costs nothing.
            shares = [contents[first : first + 8] for first in range(0, len(contents), 8)]
            parts = list(pool.map(lambda share: [decode(content) for content in share], shares))
            seconds = time.perf_counter() - started
        return seconds, [image for part in parts for image in part]

    def _engine(self, decoded: Sequence[Decoded], count: int, arrangement: Arrangement) -> float:
        size = arrangement.batch
        inputs = [
            self._bench.modality.collate(decoded[first : first + size])
            for first in range(0, len(decoded) - size + 1, size)
        ]
        queue = [inputs[number % len(inputs)] for number in range(count // size)]
        if rest := count % size:  # the last batch is smaller, as in every row
            queue.append({name: array[:rest] for name, array in inputs[0].items()})
        return _run(queue, self._sessions[arrangement.threads], arrangement.callers)


def _run(queue: Sequence[Mapping[str, NDArray[Any]]], session: Session, callers: int) -> float:
    call: Callable[[Mapping[str, NDArray[Any]]], object] = session.run
    if callers == 1:
        started = time.perf_counter()
        for batch in queue:
            call(batch)
        return time.perf_counter() - started
    with ThreadPoolExecutor(callers) as pool:
        started = time.perf_counter()
        for _ in pool.map(call, queue):
            pass
        return time.perf_counter() - started


def main() -> None:
    """Answer until stdin ends."""
    serve(Limit(open_bench(sys.argv[1])).answer)


if __name__ == "__main__":
    main()
