"""Rows in three heaps whose labels are known, for tests of whole projects without a model."""

from __future__ import annotations

import numpy as np

CLASSES = ("ash", "beech", "cedar")
_MIDDLES = {"ash": (0.0, 0.0), "beech": (5.0, 0.0), "cedar": (0.0, 5.0)}


def label(item: str) -> str:
    """The label of an item of ``rows``."""
    return CLASSES[int(item.removeprefix("t")) % 3]


def labels(items: list[str]) -> dict[str, str]:
    """The labels of items."""
    return {item: label(item) for item in items}


def rows(count: int = 30) -> list[dict]:
    """Items as a request has them."""
    rng = np.random.default_rng(7)
    made = []
    for number in range(count):
        height, girth = rng.normal(_MIDDLES[CLASSES[number % 3]], 0.9)
        made.append({"id": f"t{number}", "row": {"height": round(height, 4), "girth": round(girth, 4)}})
    return made


def definition(name: str, **more: object) -> dict:
    """A project over such rows."""
    return {
        "name": name,
        "modality": "table",
        "model": "passthrough",
        "strategy": "margin",
        "task": {"classes": list(CLASSES)},
        **more,
    }
