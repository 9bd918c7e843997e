"""Choosing a batch again from what was written down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alaas.projects._candidates import Candidates
from alaas.projects._choosing import Situation, choose
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Known
from alaas.projects._provenance import BatchProvenance
from alaas.projects._words import Replayed
from alaas.stores import BatchRow, Store
from alaas.strategies import Strategy, build
from alaas.version import __version__

_CHOSEN = frozenset({"strategy", "audit", "warm-up"})


def replay(
    project: str,
    row: BatchRow,
    *,
    store: Store,
    known: Known | None,
    table: FeatureTable,
    warm_up: Strategy,
) -> Replayed:
    """Choose again with the same candidates, learner, strategy, seed and features.

    Candidates whose features cannot be had any more are left out, and named as a difference.

    Pinned items and second opinions are taken as they were: nobody chose them.
    """
    said = BatchProvenance.read(row.provenance)
    candidates = Candidates.unpack(store.candidates(project, row.id))
    differences = _differences(said, table)
    there = table.has(candidates.pool)
    if not there.all():
        differences.append(f"{int((~there).sum())} of its {len(there)} candidates cannot be read any more")
        candidates = replace(candidates, pool=candidates.pool[there])

    def costs() -> NDArray[np.float64]:
        return _costs(store, project, candidates)

    choice = choose(
        Situation(
            strategy=build(said.strategy, said.parameters),
            warm_up=warm_up,
            wanted=said.wanted,
            seed=said.seed,
            ordinal=said.ordinal,
            audit=said.audit,
            kind="multi-label" if said.task == "multi-label" else "multi-class",
            fitted=None if known is None else known.fitted,
            table=table,
            candidates=candidates,
            costs=costs,
        )
    )
    again = iter(choice.numbers)
    numbers = [
        next(again, -1) if reason in _CHOSEN else pick.number
        for pick, reason in zip(row.picks, said.reasons, strict=True)
    ]
    names = {item.number: item.id for item in store.items(project, numbers=numbers, limit=len(numbers))}
    ids = tuple(names[number] for number in numbers if number in names)
    same = ids == tuple(pick.item for pick in row.picks)
    return Replayed(batch=row.id, ids=ids, same=same, differences=tuple(differences))


def _differences(said: BatchProvenance, table: FeatureTable) -> list[str]:
    """What is not as it was, and may explain other picks."""
    found = []
    if said.encoder_fingerprint != table.encoder.fingerprint:
        found.append(f"the encoder was another one ({said.model}); its features are not the same")
    if said.version != __version__:
        found.append(f"ALaaS was version {said.version} and is {__version__}")
    return found


def _costs(store: Store, project: str, candidates: Candidates) -> NDArray[np.float64]:
    costs = np.zeros(candidates.items)
    after = -1
    while page := store.items(project, after=after, limit=5000, role="pool"):
        for item in page:
            if item.number < candidates.items:
                costs[item.number] = item.cost
        after = page[-1].number
        if after >= candidates.items:
            break
    return costs[candidates.pool]
