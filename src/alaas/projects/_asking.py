"""One ask: who gets which items, and why."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alaas.config import Config
from alaas.errors import (
    BudgetError,
    BudgetSpentError,
    ItemNotFoundError,
    NothingLeftError,
    TakenError,
    UsageError,
)
from alaas.projects._candidates import Candidates
from alaas.projects._choosing import Choice, Situation, choose
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Known
from alaas.projects._provenance import BatchProvenance
from alaas.projects._training import names_of
from alaas.projects._words import Reason
from alaas.settings import config_fingerprint
from alaas.stores import BatchRow, Decided, NewBatch, Rule, Snapshot, Store
from alaas.strategies import Strategy, build
from alaas.types import Indices
from alaas.version import __version__

_TRIES = 20
"""Choices that may meet somebody else's before an ask gives up; each finds fewer of them free."""

_PINNED: tuple[Reason, ...] = ("pinned",)
_STREAM: tuple[Reason, ...] = ("stream",)
_OPINION: tuple[Reason, ...] = ("second opinion",)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked for. ``pinned`` and ``excluded`` are item numbers."""

    k: int
    annotator: str
    lease: float
    pinned: tuple[int, ...]
    excluded: tuple[int, ...]
    batch_id: str | None


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Answers asks for one project.

    Attributes: known: the learner as it is now. strategy, warm_up: what chooses with it and without it.
    """

    config: Config
    store: Store
    rule: Rule
    table: FeatureTable
    known: Known | None
    strategy: Strategy
    warm_up: Strategy

    def hand_out(self, ask: Ask) -> BatchRow:
        """Choose and hand out; what somebody else takes meanwhile is chosen anew.

        Raises:
            BudgetSpentError: the budget leaves no room.
            NothingLeftError: there is nothing for this annotator.
            TakenError: a pinned item is not free.
        """
        name = self.config.name
        for attempt in range(_TRIES):
            snapshot = self.store.snapshot(name, ask.annotator, rule=self.rule)
            batch = self._choose(ask, snapshot)
            try:
                return self.store.hand_out(name, batch, rule=self.rule, budget=self.config.budget)
            except TakenError:
                if ask.pinned or attempt == _TRIES - 1:
                    raise
            except BudgetSpentError:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _choose(self, ask: Ask, snapshot: Snapshot) -> NewBatch:
        second, fresh = self._offered(ask, snapshot)
        room = self._room(snapshot)
        pinned = list(ask.pinned)
        opinions = [int(n) for n in second[: max(0, ask.k - len(pinned))]]
        wanted = max(0, ask.k - len(pinned) - len(opinions))
        if room is not None:
            wanted = min(wanted, max(0, room - len(pinned)))
        streamed = self._streamed(fresh, wanted)
        fresh = fresh[~np.isin(fresh, np.array([*streamed], dtype=np.int64))]
        wanted -= len(streamed)
        candidates = self._candidates(snapshot, fresh)
        choice = choose(self._situation(candidates, snapshot, wanted))
        numbers = (*pinned, *opinions, *streamed, *choice.numbers)
        if not numbers:
            raise self._nothing(snapshot, room)
        reasons = _PINNED * len(pinned) + _OPINION * len(opinions) + _STREAM * len(streamed) + choice.reasons
        scores = (*(None for _ in (*pinned, *opinions)), *streamed.values(), *choice.scores)
        packed = candidates.pack()
        return NewBatch(
            id=ask.batch_id or uuid.uuid4().hex,
            annotator=ask.annotator,
            numbers=numbers,
            scores=scores,
            lease=ask.lease,
            provenance=self._provenance(ask, snapshot, choice, wanted, reasons, packed).document(),
            candidates=packed,
        )

    def _offered(self, ask: Ask, snapshot: Snapshot) -> tuple[Indices, Indices]:
        """What this annotator may be given: items that somebody has answered, and fresh ones."""
        free = (snapshot.wanted > 0) & ~snapshot.touched
        free &= ~np.isin(snapshot.numbers, np.array([*ask.pinned, *ask.excluded], dtype=np.int64))
        second = snapshot.numbers[free & snapshot.begun]
        fresh = snapshot.numbers[free & ~snapshot.begun]
        return second, fresh[self.table.has(fresh)]

    def _streamed(self, fresh: Indices, most: int) -> dict[int, float]:
        """What was taken from the stream and nobody has had yet, first come first; with what it was worth."""
        free = set(fresh.tolist())
        waiting = [row for row in self.store.streams.taken(self.config.name) if row.number in free]
        return {row.number: row.utility for row in waiting[:most]}

    def _room(self, snapshot: Snapshot) -> int | None:
        if self.config.budget is None:
            return None
        return max(0, self.config.budget - snapshot.spent)

    def _nothing(self, snapshot: Snapshot, room: int | None) -> BudgetSpentError | NothingLeftError:
        if room == 0:
            return BudgetSpentError(
                f"the budget of {self.config.budget} items is spent: all are labelled or with annotators; "
                "raise `budget` to go on"
            )
        held = int((snapshot.wanted == 0).sum())
        return NothingLeftError(
            f"the pool of project {self.config.name!r} has nothing left for this annotator ({held} items are "
            "with others); add items, or wait for what others hold"
        )

    def _candidates(self, snapshot: Snapshot, fresh: Indices) -> Candidates:
        decided = self.store.decided(self.config.name)
        pending = snapshot.numbers[(snapshot.wanted == 0) | snapshot.begun]
        return Candidates(
            pool=fresh,
            labelled=np.array([one.number for one in decided], dtype=np.int64),
            labels=self._class_numbers(decided),
            pending=pending,
            # More than were looked at to the end where an ask comes while the table fills.
            items=max(self.table.seen, int(fresh[-1]) + 1 if len(fresh) else 0),
        )

    def _class_numbers(self, decided: Sequence[Decided]) -> NDArray[np.int32]:
        classes = self.known.fitted.classes if self.known is not None else ()
        place = {name: number for number, name in enumerate(classes)}
        firsts = [next(iter(names_of(one.value)), "") for one in decided]
        return np.array([place.get(name, -1) for name in firsts], dtype=np.int32)

    def _situation(self, candidates: Candidates, snapshot: Snapshot, wanted: int) -> Situation:
        def costs() -> NDArray[np.float64]:
            return snapshot.costs[np.isin(snapshot.numbers, candidates.pool, assume_unique=True)]

        return Situation(
            strategy=self.strategy,
            warm_up=self.warm_up,
            wanted=wanted,
            seed=self.config.seed,
            ordinal=snapshot.batches,
            audit=self.config.labelling.audit,
            kind=self.config.task.kind,
            fitted=None if self.known is None else self.known.fitted,
            table=self.table,
            candidates=candidates,
            costs=costs,
        )

    def _provenance(
        self,
        ask: Ask,
        snapshot: Snapshot,
        choice: Choice,
        wanted: int,
        reasons: tuple[Reason, ...],
        packed: bytes,
    ) -> BatchProvenance:
        notes = []
        if choice.warm_up:
            notes.append(
                f"{self.strategy.name} needs the learner, which has learned nothing yet; "
                f"{choice.strategy} chose"
            )
        if len(reasons) < ask.k:
            notes.append(f"{ask.k} items were asked for and {len(reasons)} could be given")
        return BatchProvenance(
            strategy=self.config.strategy.name,
            parameters=dict(self.config.strategy.parameters),
            used=choice.strategy,
            budget=ask.k,
            wanted=wanted,
            seed=self.config.seed,
            ordinal=snapshot.batches,
            audit=self.config.labelling.audit,
            task=self.config.task.kind,
            round=None if self.known is None else self.known.row.number,
            model=self.table.encoder.name,
            encoder_fingerprint=self.table.encoder.fingerprint,
            pool_fingerprint=blake3(packed).hexdigest(),
            config_fingerprint=config_fingerprint(self.config),
            version=__version__,
            reasons=reasons,
            notes=tuple(notes),
        )


def checked_k(k: int | None, budget: int | None) -> int:
    """How many to hand out; by default 10, or the whole budget where that is smaller.

    Raises:
        BudgetError: it is not a whole number of at least 1.
    """
    if k is None:
        return min(10, budget or 10)
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise BudgetError(f"ask for a whole number of items of at least 1, got {k!r}")
    return k


def numbers_of(store: Store, project: str, ids: Sequence[str]) -> tuple[int, ...]:
    """The numbers of items by their ids, in the order of the ids.

    Raises:
        ItemNotFoundError: the project has no such item.
    """
    distinct = list(dict.fromkeys(ids))
    found = {row.id: row.number for row in store.items(project, ids=distinct, limit=max(1, len(distinct)))}
    missing = [one for one in distinct if one not in found]
    if missing:
        raise ItemNotFoundError(f"project {project!r} has no item {missing[0]!r}")
    return tuple(found[one] for one in distinct)


def strategy_of(config: Config) -> Strategy:
    """The strategy that the configuration names."""
    return build(config.strategy.name, config.strategy.parameters)


def checked_lease(lease: float) -> float:
    """The lease, if it is one: more than 0 and at most 30 days, in seconds.

    Raises:
        UsageError: it is not.
    """
    if isinstance(lease, bool) or not 0 < lease <= 30 * 86400:
        raise UsageError(f"a lease is more than 0 and at most {30 * 86400} seconds, got {lease!r}")
    return float(lease)
