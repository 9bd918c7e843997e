"""A small pool of rows in three heaps, whose labels are known."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from alaas.config import Config
from alaas.projects import Batch, Project
from alaas.stores import Store
from alaas.stores.memory import Memory
from trees import CLASSES, Clock, Open


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    with Memory(clock=clock) as store:
        yield store


@pytest.fixture
def truth() -> dict[str, str]:
    """The label of every item of ``trees``, by id."""
    return {f"t{number}": CLASSES[number % 3] for number in range(90)}


@pytest.fixture
def trees(tmp_path: Path, truth: Mapping[str, str]) -> Path:
    """A CSV of 90 rows in three heaps that overlap a little."""
    rng = np.random.default_rng(7)
    middles = {"ash": (0.0, 0.0), "beech": (4.0, 0.0), "cedar": (0.0, 4.0)}
    path = tmp_path / "trees.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "height", "girth", "cost"])
        for identity, label in truth.items():
            height, girth = rng.normal(middles[label], 0.9)
            writer.writerow([identity, round(height, 4), round(girth, 4), 1.5])
    return path


@pytest.fixture
def open_project(trees: Path, store: Store) -> Iterator[Open]:
    """Opens a project over ``trees``; keywords are keys of the configuration."""
    opened: list[Project] = []

    def make(**settings: object) -> Project:
        said = {
            "name": "trees",
            "modality": "table",
            "source": str(trees),
            "strategy": "margin",
            "task": {"classes": list(CLASSES)},
            **settings,
        }
        project = Project.open(Config.model_validate(said), store=store)
        opened.append(project)
        return project

    yield make
    for project in opened:
        project.close()


@pytest.fixture
def oracle(truth: Mapping[str, str]) -> Callable[[Batch], dict[str, str]]:
    """Knows every label."""
    return lambda batch: {item.id: truth[item.id] for item in batch.items}
