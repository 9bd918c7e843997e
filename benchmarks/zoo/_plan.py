"""What is measured: sections, each a question that a reader asks."""

from __future__ import annotations

from dataclasses import dataclass, field

from alaas.strategies import describe, registry
from benchmarks.zoo._arrays import Shape

SCORES = ("least_confidence", "margin", "ratio", "entropy")
MADE_FOR_SCALE = (
    *SCORES,
    "k_center",
    "k_means",
    "badge",
    "cluster_margin",
    "seals",
    "typiclust",
    "max_herding",
    "uncertainty_herding",
)
COMBINED = ("margin >> k_center", "margin * k_center", "balanced(margin >> k_center)")
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
BUDGETS = (10, 30, 100, 300, 1_000, 3_000)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One strategy on one pool; ``peers`` asks the other packages too, those in ``beside`` or all."""

    section: str
    strategy: str
    shape: Shape
    budget: int
    repeats: int = 1
    mapped: bool = False
    gauge: str = ""
    beside: tuple[str, ...] = field(default=())


def plan(sections: tuple[str, ...]) -> list[Task]:
    """The tasks of some sections, in order."""
    every = {
        "scores": _scores,
        "kernels": _kernels,
        "beside": _beside,
        "all": _all,
        "scale": _scale,
        "pool": _pool,
        "budget": _budget,
    }
    return [task for section in sections for task in every[section]()]


SECTIONS = {
    "scores": "scores of a million items against the memory's bandwidth",
    "kernels": "k_center and badge against the machine's matrix products",
    "beside": "beside other packages",
    "all": "every strategy: 1,000 of 100,000 items",
    "scale": "a million items in files",
    "pool": "growth with the pool",
    "budget": "growth with the budget",
}


def _names() -> list[str]:
    return [name for name in registry.builtin_names() if name != "random"]


def _scores() -> list[Task]:
    shape = Shape(items=1_000_000, dimensions=8, classes=100)
    beside = ("modal", "alipy", "small_text", "skactiveml")
    # small-text takes the entropy of one row after another: four minutes here, so it is asked of 10,000 only.
    quick = {"entropy": ("modal", "alipy", "skactiveml")}
    return [
        Task(
            section="scores",
            strategy=name,
            shape=shape,
            budget=1_000,
            repeats=7,
            gauge="bandwidth",
            beside=quick.get(name, beside),
        )
        for name in SCORES
    ]


def _kernels() -> list[Task]:
    small = Shape(items=50_000, dimensions=512, classes=10)
    wide = Shape(items=200_000, dimensions=256, classes=100)
    large = Shape(items=1_000_000, dimensions=512, classes=2, labelled=10)

    def task(strategy: str, shape: Shape, budget: int, *beside: str, repeats: int = 5) -> Task:
        return Task(
            section="kernels",
            strategy=strategy,
            shape=shape,
            budget=budget,
            repeats=repeats,
            gauge="sgemm",
            beside=beside,
        )

    return [
        task("k_center", small, 1_000, "plain", "mundig", "skactiveml", "alipy"),
        task("badge", small, 1_000, "plain", "repository"),
        task("k_center", wide, 2_000, "plain"),
        task("badge", wide, 1_000),
        task("k_center", large, 1_000, repeats=2),
    ]


def _beside() -> list[Task]:
    shape = Shape(items=10_000, dimensions=128, classes=10, members=10)
    peers = ("skactiveml", "small_text", "modal", "alipy", "mundig", "apricot", "submodlib", "plain")
    return [
        Task(section="beside", strategy=name, shape=shape, budget=200, repeats=2, beside=peers)
        for name in _names()
        if describe(name).family != "combination"
    ]


def _all() -> list[Task]:
    shape = Shape(items=100_000, dimensions=384, classes=20, members=10)
    return [
        Task(section="all", strategy=strategy, shape=shape, budget=1_000)
        for strategy in ("random", *_names(), *COMBINED)
    ]


def _scale() -> list[Task]:
    shape = Shape(items=1_000_000, dimensions=384, classes=20, dtype="float16")
    return [
        Task(section="scale", strategy=name, shape=shape, budget=1_000, mapped=True)
        for name in MADE_FOR_SCALE
    ]


def _pool() -> list[Task]:
    return [
        Task(
            section="pool",
            strategy=name,
            shape=Shape(items=items, dimensions=64, classes=10, members=5),
            budget=100,
        )
        for name in _names()
        for items in SIZES
    ]


def _budget() -> list[Task]:
    shape = Shape(items=100_000, dimensions=64, classes=10, members=5)
    return [
        Task(section="budget", strategy=name, shape=shape, budget=budget)
        for name in _names()
        for budget in BUDGETS
    ]
