"""Our strategies in a process of their own: asked for picks, answers with seconds and memory."""

from __future__ import annotations

import numpy as np

from alaas.strategies import build
from alaas.types import Signals
from benchmarks._measure import measured
from benchmarks._worker import Message, serve
from benchmarks.zoo._limits import GAUGES


def answer(question: Message) -> Message:
    """Run one strategy on one set of files."""
    strategy = build(question["strategy"])
    mapped = bool(question.get("mapped"))
    used = strategy.needs | strategy.accepts
    arrays = {
        name: np.load(path, mmap_mode="r" if mapped else None)
        for name, path in question["files"].items()
        if name in used
    }
    count = len(np.load(question["files"]["costs"], mmap_mode="r"))
    signals = Signals(count=count, **arrays)

    def choose(seed: int) -> list[int]:
        picks: list[int] = strategy.select(
            signals, question["budget"], np.random.default_rng(seed)
        ).indices.tolist()
        return picks

    gauge = GAUGES.get(question.get("gauge", ""))
    if gauge is not None:
        gauge()  # its arrays are made before memory is looked at
    return measured(choose, question.get("repeats", 1), gauge)


if __name__ == "__main__":
    serve(answer)
