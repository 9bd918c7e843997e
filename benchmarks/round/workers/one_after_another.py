"""The plain script: download all, decode all, infer all, select; each step ends before the next begins.

The same decoder, model and strategy as ours. Downloads and decoding go one at a time, as in a loop that
somebody writes in an afternoon; the model runs with ONNX Runtime's own choice of threads.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import httpx2
import numpy as np

import alaas
from benchmarks._worker import Message, serve
from benchmarks.round._engine import Bench, Session, open_bench

_BATCH = 16


def main() -> None:
    """Answer until stdin ends."""
    bench = open_bench(sys.argv[1])
    session = bench.session(threads=0)

    def answer(question: Message) -> Message:
        started = time.perf_counter()
        chosen = _choose(bench, session, question)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "selected": [question["uris"][index] for index in chosen]}

    serve(answer)


def _choose(bench: Bench, session: Session, question: Message) -> list[int]:
    contents = _download(question["uris"])
    decoded = [bench.modality.decode(content) for content in contents]
    parts = [
        bench.features(session, decoded[start : start + _BATCH]) for start in range(0, len(decoded), _BATCH)
    ]
    embeddings, probs = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    budget, seed = question["budget"], question["seed"]
    chosen = alaas.query(question["strategy"], budget=budget, probs=probs, embeddings=embeddings, seed=seed)
    return [int(index) for index in chosen]


def _download(uris: list[str]) -> list[bytes]:
    if not uris[0].startswith("http"):
        return [Path(uri).read_bytes() for uri in uris]
    with httpx2.Client() as client:
        return [client.get(uri).raise_for_status().content for uri in uris]


if __name__ == "__main__":
    main()
