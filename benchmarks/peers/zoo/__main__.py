"""``python -m benchmarks.peers.zoo PACKAGE``: answer for one package's strategies."""

from __future__ import annotations

import importlib
import sys
import warnings

import numpy as np

from benchmarks._measure import measured
from benchmarks._worker import Message, serve


def main(package: str) -> None:
    """Answer questions of the form that ``benchmarks.zoo.ours`` takes; an empty one lists the strategies."""
    warnings.simplefilter("ignore")
    strategies = importlib.import_module(f"benchmarks.peers.zoo.{package}").STRATEGIES

    def answer(question: Message) -> Message:
        if "strategy" not in question:
            return {"strategies": sorted(strategies)}
        arrays = {name: np.load(path) for name, path in question["files"].items()}
        choose = strategies[question["strategy"]]
        return measured(lambda seed: choose(arrays, question["budget"], seed), question.get("repeats", 1))

    serve(answer)


if __name__ == "__main__":
    main(sys.argv[1])
