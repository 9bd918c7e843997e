"""How long the linear learner takes to fit and to predict, beside scikit-learn and a bare matrix product.

    python -m benchmarks.learners --json learners.json

Features are drawn around one centre a class, in directions of falling variance, as an encoder's are. Every
figure is the best of some repeats, in processor time, which neighbours disturb less; with OMP_NUM_THREADS=1
it is the time that one waits. scikit-learn fits one layer of the same penalty, with a tolerance at which its
loss comes as near to the least as ours, and without calibration and ensemble, so that what these cost is
seen. ``sgemm`` is the matrix product alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from alaas.learners import Lesson, cross_fit
from alaas.learners.linear import Linear
from benchmarks._machine import describe_machine
from benchmarks._markdown import markdown_table


@dataclass(frozen=True, kw_only=True)
class Size:
    """Labels, dimensions and classes."""

    labels: int
    dimensions: int
    classes: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Processor seconds of one thing, and of what it is compared with."""

    what: str
    size: Size
    seconds: float
    beside: str
    beside_seconds: float

    @property
    def ratio(self) -> float:
        """How often the limit fits into it."""
        return self.seconds / self.beside_seconds


SIZES = (
    Size(labels=50, dimensions=1280, classes=10),
    Size(labels=500, dimensions=1280, classes=10),
    Size(labels=2000, dimensions=1280, classes=10),
    Size(labels=2000, dimensions=384, classes=100),
    Size(labels=20000, dimensions=384, classes=10),
)


def lesson(size: Size, seed: int = 0) -> Lesson:
    """Made-up features with labels."""
    rng = np.random.default_rng(seed)
    spread = np.exp(-np.arange(size.dimensions) * 6 / size.dimensions)
    targets = rng.integers(size.classes, size=size.labels)
    centres = 1.5 * rng.normal(size=(size.classes, size.dimensions)) * spread
    noise = rng.normal(size=(size.labels, size.dimensions)) * spread
    return Lesson(
        kind="multi-class",
        classes=tuple(map(str, range(size.classes))),
        features=(centres[targets] + noise).astype(np.float32),
        targets=targets,
    )


def best(work: Callable[[], object], repeats: int) -> float:
    """Processor seconds of the quickest repeat."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def fits(size: Size, repeats: int) -> list[Timing]:
    """What fitting costs, beside scikit-learn."""
    given = lesson(size)
    rng = np.random.default_rng
    bare = Linear(folds=0, members=0)
    before = bare.fit(given, rng(0))
    again = Lesson(
        kind=given.kind,
        classes=given.classes,
        features=given.features,
        targets=given.targets,
        previous=before,
    )

    def scikit_learn() -> None:
        features = StandardScaler().fit_transform(given.features)
        penalty = bare.regularisation * size.dimensions  # ours is for rows of length 1
        LogisticRegression(C=1 / penalty, tol=1e-5, max_iter=2000).fit(features, given.targets)

    limit = best(scikit_learn, repeats)
    works: dict[str, Callable[[], object]] = {
        "fit, one layer": lambda: bare.fit(given, rng(0)),
        "fit, one layer, warm": lambda: bare.fit(again, rng(0)),
        "fit, 5 folds and 5 members besides": lambda: Linear().fit(given, rng(0)),
        "cross_fit, 5 folds": lambda: cross_fit(Linear(), given, 5, rng(0)),
    }
    return [
        Timing(what=what, size=size, seconds=best(work, repeats), beside="scikit-learn", beside_seconds=limit)
        for what, work in works.items()
    ]


def predictions(size: Size, rows: int, repeats: int) -> list[Timing]:
    """What predicting costs, beside the matrix product alone."""
    fitted = Linear().fit(lesson(size), np.random.default_rng(0))
    pool: NDArray[np.float32] = np.random.default_rng(1).standard_normal((rows, size.dimensions), np.float32)
    one = np.ascontiguousarray(fitted.weights[:, :-1].T)
    five = np.tile(one, (1, 5))
    works: dict[str, tuple[Callable[[], object], NDArray[np.float32]]] = {
        f"predict {rows:,}": (lambda: fitted.predict_proba(pool), one),
        f"predict {rows:,} by 5 members": (lambda: fitted.mc_proba(pool, 5), five),
    }
    found = []
    for what, (work, layer) in works.items():
        seconds, limit = best(work, repeats), best(lambda layer=layer: pool @ layer, repeats)
        found.append(Timing(what=what, size=size, seconds=seconds, beside="sgemm", beside_seconds=limit))
    return found


def table(timings: Sequence[Timing]) -> str:
    """The figures for people."""
    head = ("", "labels", "D", "C", "ms", "beside", "its ms", "ratio")
    rows = [
        (
            timing.what,
            f"{timing.size.labels:,}",
            str(timing.size.dimensions),
            str(timing.size.classes),
            f"{1e3 * timing.seconds:,.0f}",
            timing.beside,
            f"{1e3 * timing.beside_seconds:,.0f}",
            f"{timing.ratio:.2f}",
        )
        for timing in timings
    ]
    return markdown_table(head, rows)


def main() -> None:
    """Measure, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="items to predict")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    timings = [timing for size in SIZES for timing in fits(size, arguments.repeats)]
    timings += predictions(SIZES[2], arguments.rows, arguments.repeats)
    print(table(timings))
    if arguments.json:
        figures = [{**asdict(timing), "ratio": timing.ratio} for timing in timings]
        result = {"timings": figures, "machine": asdict(describe_machine())}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
