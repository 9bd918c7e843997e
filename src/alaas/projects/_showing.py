"""A batch as its annotator sees it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Known
from alaas.projects._provenance import BatchProvenance
from alaas.projects._words import Batch, BatchItem
from alaas.stores import BatchRow, ItemRow, Pick, Store


def show(project: str, row: BatchRow, store: Store, table: FeatureTable | None, known: Known | None) -> Batch:
    """The batch with its items and, where features and a learner are at hand, what the learner guesses."""
    said = BatchProvenance.read(row.provenance)
    numbers = [pick.number for pick in row.picks]
    items: dict[int, ItemRow] = {}
    for start in range(0, len(numbers), 5000):
        part = numbers[start : start + 5000]
        items.update({item.number: item for item in store.items(project, numbers=part, limit=len(part))})
    guesses = _guesses(numbers, table, known)
    return Batch(
        id=row.id,
        project=project,
        ordinal=row.ordinal,
        annotator=row.annotator,
        created=datetime.fromtimestamp(row.created, UTC),
        until=datetime.fromtimestamp(row.until, UTC),
        strategy=said.used,
        round=said.round,
        items=tuple(
            _item(rank, pick, items[pick.number], said, guesses.get(pick.number))
            for rank, pick in enumerate(row.picks)
        ),
        notes=said.notes,
    )


def _item(
    rank: int, pick: Pick, item: ItemRow, said: BatchProvenance, guess: tuple[str, float] | None
) -> BatchItem:
    return BatchItem(
        id=item.id,
        rank=rank,
        uri=item.uri,
        text=item.text,
        row=item.row,
        cost=item.cost,
        metadata=item.metadata,
        score=pick.score,
        reason=said.reasons[rank],
        state=pick.state,
        guess=guess,
    )


def _guesses(
    numbers: list[int], table: FeatureTable | None, known: Known | None
) -> dict[int, tuple[str, float]]:
    if table is None or known is None:
        return {}
    there = np.array(numbers, dtype=np.int64)
    there = there[table.has(there)]
    if not len(there):
        return {}
    probabilities = known.fitted.predict_proba(table.take(there))
    best = probabilities.argmax(axis=1)
    return {
        int(number): (known.fitted.classes[place], float(row[place]))
        for number, place, row in zip(there, best, probabilities, strict=True)
    }
