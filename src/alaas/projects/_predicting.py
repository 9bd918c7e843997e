"""What the learner says of items that need not be in the project."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import numpy as np

from alaas.encoders import Encoder
from alaas.learners import Fitted
from alaas.pipeline import Record
from alaas.projects._words import Prediction
from alaas.selecting import Selector
from alaas.stores import Value
from alaas.types import Floats, Item


def predict(
    items: Iterable[Item], *, selector: Selector, encoder: Encoder, fitted: Fitted, cancel: threading.Event
) -> list[Prediction]:
    """One prediction an item, in their order; an item that cannot be read says so in its place."""
    wanted = list(items)
    embeddings: dict[int, Floats] = {}
    failures: dict[int, str] = {}

    def take(records: list[Record]) -> None:
        for record in records:
            if record.failure is not None:
                failures[record.row] = record.failure.reason
            elif record.features is not None and record.features.embeddings is not None:
                embeddings[record.row] = record.features.embeddings

    line = selector.line(encoder, remote=any(item.uri for item in wanted), cancel=cancel)
    selector.runtime().run(_feed(wanted), line.stages(), take, total=len(wanted), cancel=cancel)
    rows = sorted(embeddings)
    known = fitted.predict_proba(np.stack([embeddings[row] for row in rows])) if rows else np.zeros((0, 0))
    said = dict(zip(rows, known, strict=True))
    return [
        Prediction(id=item.id, label=None, probabilities={}, failure=failures.get(row, "no features"))
        if row not in said
        else _prediction(item.id, said[row], fitted)
        for row, item in enumerate(wanted)
    ]


def _prediction(identity: str, probabilities: Floats, fitted: Fitted) -> Prediction:
    by_class = {name: float(p) for name, p in zip(fitted.classes, probabilities, strict=True)}
    label: Value
    if fitted.kind == "multi-class":
        label = fitted.classes[int(probabilities.argmax())]
    else:
        label = tuple(sorted(name for name, p in by_class.items() if p >= 0.5))
    return Prediction(id=identity, label=label, probabilities=by_class)


def _feed(items: list[Item]) -> Iterator[Record]:
    for row, item in enumerate(items):
        yield Record(row=row, item=item)
