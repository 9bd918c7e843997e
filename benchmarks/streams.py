"""What sampling a stream is worth: the same number of labels by each manager, and at random.

    python -m benchmarks.streams --seeds 24

The data are scikit-learn's digits, 1,797 images of 8 × 8 pixels: 500 drawn for the test, the others come one
by one. The linear learner is fitted again after every tenth label, the stream ends at 120 labels. Before the
first fit an item is worth its novelty.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits

from alaas.budgets import Gate, Terms, build, registry
from alaas.learners import Fitted, Lesson
from alaas.learners.linear import Linear
from alaas.strategies import build as build_strategy
from alaas.strategies import utilities
from alaas.streaming import Given, Novelty
from alaas.types import JSON, Signals
from benchmarks._markdown import markdown_table

LABELS, TEST, EVERY = 120, 500, 10


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one stream ended: the accuracy on the test, labels, and items that had arrived."""

    accuracy: float
    labels: int
    arrived: int


def run(
    seed: int,
    manager: str,
    *,
    strategy: str = "margin",
    budget: float = 0.1,
    parameters: Mapping[str, JSON] | None = None,
) -> Ended:
    """Sample the digits of one order; the manager ``random`` looks at nothing."""
    features, numbers = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(numbers))
    rows, classes = features[order].astype(np.float32), numbers[order].astype(np.int64)
    whole = Lesson(kind="multi-class", classes=tuple("0123456789"), features=rows, targets=classes)
    gate = Gate(build(manager, parameters), Terms(budget=budget), seed=seed)
    judge, fitted, taken = build_strategy(strategy), None, list[int]()
    for place in range(TEST, len(rows)):
        one = rows[place : place + 1]
        if manager == "random":
            worth = 0.0
        elif fitted is None:
            worth = Novelty(one, rows[taken]).of(0)
        else:
            worth = Given(utilities(judge, Signals(probs=fitted.predict_proba(one), embeddings=one))).of(0)
        if gate.offer(worth):
            taken.append(place)
            if len(taken) % EVERY == 0 and manager != "random":
                if fitted is None:  # margins cannot be compared with distances
                    account, gate = gate.state(), Gate(build(manager, parameters), gate.terms, seed=seed)
                    gate.restore(account, memory=False)
                fitted = _fit(whole, taken)
        if len(taken) == LABELS:
            break
    found = _fit(whole, taken).predict_proba(rows[:TEST]).argmax(axis=1)
    return Ended(accuracy=float((found == classes[:TEST]).mean()), labels=len(taken), arrived=gate.arrived)


def _fit(whole: Lesson, taken: list[int]) -> Fitted:
    lesson = Lesson(
        kind=whole.kind,
        classes=whole.classes,
        features=whole.features[taken],
        targets=whole.targets[taken],
    )
    return Linear(members=0, folds=0).fit(lesson, np.random.default_rng(0))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--managers", nargs="+", default=registry.builtin_names())
    options = parser.parse_args()
    seeds = range(options.seeds)
    table = []
    for manager in options.managers:
        given = {"threshold": 0.7} if manager == "fixed" else None
        ended = [run(seed, manager, parameters=given) for seed in seeds]
        accuracies = np.array([one.accuracy for one in ended])
        error = accuracies.std(ddof=1) / np.sqrt(len(accuracies)) if len(accuracies) > 1 else float("nan")
        table.append(
            (
                manager,
                f"{accuracies.mean():.3f} ± {error:.3f}",
                f"{np.mean([one.labels for one in ended]):.0f}",
                f"{np.mean([one.arrived for one in ended]):.0f}",
            )
        )
    print(markdown_table(("manager", "accuracy", "labels", "arrived"), table))


if __name__ == "__main__":
    main()
