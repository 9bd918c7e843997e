"""The decisions on one lot of a stream, on one state of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.budgets import Gate
from alaas.projects._scoring import Scoring
from alaas.projects._words import Decision, Why
from alaas.stores import StreamRow, TakenItem
from alaas.streaming import Recent
from alaas.types import Item

_UNSOUND = frozenset({"failed", "duplicate"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """An item with what the line made of it; ``failure`` where it could not be read."""

    item: Item
    digest: bytes = b""
    embeddings: NDArray[np.float32] | None = None
    failure: str | None = None


class Deciding:
    """The decisions on one lot, on one state of the stream.

    Attributes: taken: what was taken, with what it was worth. changed: whether the state is another one now.
    """

    def __init__(self, row: StreamRow, gate: Gate, recent: Recent, scoring: Scoring) -> None:
        self._known, self._twins = dict(row.known), dict(row.twins)
        self._gate, self._recent, self._scoring = gate, recent, scoring
        self._now = scoring.store.now()
        self.taken: list[tuple[Arrival, float]] = []
        self.changed = False

    def run(self, arrivals: Sequence[Arrival]) -> list[Decision]:
        """Decide of each in turn."""
        judged = [one for one in arrivals if one.embeddings is not None]
        places = {id(one): place for place, one in enumerate(judged)}
        worth = self._scoring.worth(
            [one.embeddings for one in judged if one.embeddings is not None], self._gate
        )
        decisions = []
        for one in arrivals:
            settled = self._settled(one)
            if settled is None:
                place = places[id(one)]
                utility = worth.of(place)
                taken = self._gate.offer(utility, now=self._now)
                if taken:
                    worth.took(place)
                settled = self._note(one, utility, taken)
            decisions.append(settled)
        return decisions

    def items(self) -> list[TakenItem]:
        """What was taken, for the store."""
        return [TakenItem(item=one.item, digest=one.digest, utility=utility) for one, utility in self.taken]

    def _settled(self, one: Arrival) -> Decision | None:
        """What need not be decided any more."""
        name = one.item.id
        if name in self._known:
            return Decision(id=name, taken=self._known[name] not in _UNSOUND, why="known")
        if one.failure is not None or one.embeddings is None or not one.digest:
            return Decision(id=name, taken=False, why="failed", detail=one.failure or "no features")
        twin = self._twins.get(one.digest)
        if twin is not None:
            detail = f"the same content as {twin!r}"
            return Decision(id=name, taken=False, why="duplicate", detail=detail)
        if name.encode("utf-8", "surrogatepass") in self._recent or one.digest in self._recent:
            return Decision(id=name, taken=False, why="repeated")
        return None

    def _note(self, one: Arrival, utility: float, taken: bool) -> Decision:
        name = one.item.id
        self.changed = True
        if taken:
            self.taken.append((one, utility))
            self._known[name] = "pool"
            self._twins[one.digest] = name
        else:
            self._recent.put([name.encode("utf-8", "surrogatepass"), one.digest])
        why: Why = "warm-up" if self._scoring.known is None else "scored"
        return Decision(id=name, taken=taken, why=why, utility=utility)
