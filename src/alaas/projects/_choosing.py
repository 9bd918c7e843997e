"""One choice: from what a project knows to the items of a batch. Pure, so that it can be made again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alaas.errors import UsageError
from alaas.learners import Fitted, Kind
from alaas.projects._candidates import Candidates
from alaas.projects._features import FeatureTable
from alaas.projects._words import Reason
from alaas.seeding import generator
from alaas.strategies import Strategy
from alaas.types import Floats, Indices, SignalName, Signals

LEARNED: frozenset[SignalName] = frozenset({"probs", "mc_probs", "weights", "labelled_probs", "labels"})
"""Signals that there are only once the learner has learned."""

PROVIDED: frozenset[SignalName] = LEARNED | {"embeddings", "labelled_embeddings", "costs"}
SINGLE: frozenset[SignalName] = frozenset({"weights", "labelled_probs", "labels"})
"""Signals that mean something only where an item has one class."""

_MEMBERS = 10


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that a choice depends on.

    Attributes: strategy: what chooses; warm_up: what does before the learner has learned. wanted: how many.
        seed, ordinal: the project's seed and the batch's number, where randomness comes from. audit: the
        share of the batch that is drawn at random from the audit slice. fitted: the learner, None before it
        has learned. candidates: what there is to choose from and what is labelled. costs: gives the pool's
        costs, shape (n,).
    """

    strategy: Strategy
    warm_up: Strategy
    wanted: int
    seed: int
    ordinal: int
    audit: float
    kind: Kind
    fitted: Fitted | None
    table: FeatureTable
    candidates: Candidates
    costs: Callable[[], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The picks by item number, in order, with scores and reasons, and the strategy that really chose."""

    numbers: tuple[int, ...]
    scores: tuple[float | None, ...]
    reasons: tuple[Reason, ...]
    strategy: str
    warm_up: bool


def choose(situation: Situation) -> Choice:
    """Choose jointly: what the audit slice gives, then what the strategy wants of the rest.

    Raises:
        SignalError, StrategyError: the strategy cannot be followed.
    """
    rng = generator(situation.seed, round_number=situation.ordinal, purpose="ask")
    pool = situation.candidates.pool
    wanted = min(situation.wanted, len(pool))
    audited = in_audit(situation.seed, pool, situation.audit)
    measured, rest = pool[audited], pool[~audited]
    share = min(len(measured), max(wanted - len(rest), math.floor(wanted * situation.audit + rng.random())))
    drawn = rng.choice(measured, size=share, replace=False) if share else np.zeros(0, dtype=np.int64)
    chosen, scores, warm = _by_strategy(situation, rest, wanted - share, rng)
    reason: Reason = "warm-up" if warm else "strategy"
    audit: Reason = "audit"
    return Choice(
        numbers=(*(int(n) for n in chosen), *(int(n) for n in drawn)),
        scores=(*scores, *(None for _ in drawn)),
        reasons=(*(reason for _ in chosen), *(audit for _ in drawn)),
        strategy=str(situation.warm_up if warm else situation.strategy),
        warm_up=warm,
    )


def in_audit(seed: int, numbers: Indices, share: float) -> NDArray[np.bool_]:
    """Which items belong to the audit slice, shape (n,): a fixed draw by item number."""
    if share <= 0 or not len(numbers):
        return np.zeros(len(numbers), dtype=bool)
    # The first draws of a generator do not depend on how many are drawn, so an item keeps its lot.
    lots = generator(seed, purpose="audit").random(int(numbers.max()) + 1)
    return np.asarray(lots[numbers] < share)


def check_strategy(strategy: Strategy, kind: Kind) -> None:
    """Refuse a strategy that a project of this kind cannot feed.

    Raises:
        UsageError: it needs a signal that projects do not have.
    """
    foreign = strategy.needs - PROVIDED
    if foreign:
        raise UsageError(
            f"strategy {strategy.name!r} needs {' and '.join(sorted(foreign))}, which a project does not "
            "have; see `alaas strategies` for others"
        )
    single = strategy.needs & SINGLE
    if kind == "multi-label" and single:
        raise UsageError(
            f"strategy {strategy.name!r} needs {' and '.join(sorted(single))}, which say something only "
            "where an item has one class; for a multi-label task choose margin, entropy, badge or k_center, "
            "for instance"
        )


def _by_strategy(
    situation: Situation, pool: Indices, wanted: int, rng: np.random.Generator
) -> tuple[Indices, tuple[float | None, ...], bool]:
    strategy = situation.strategy
    warm = bool(strategy.needs & LEARNED) and situation.fitted is None
    if warm:
        strategy = situation.warm_up
    if wanted < 1 or not len(pool):
        return np.zeros(0, dtype=np.int64), (), warm
    signals = _signals(situation, strategy, pool)
    selection = strategy.select(signals, wanted, rng)
    scores = tuple(None if math.isnan(score) else float(score) for score in selection.scores)
    return pool[selection.indices], scores, warm


def _signals(situation: Situation, strategy: Strategy, pool: Indices) -> Signals:
    used = strategy.needs | strategy.accepts
    fitted = situation.fitted if situation.fitted is not None else None
    signals = Signals(count=len(pool))
    if "embeddings" in used:
        signals = replace(signals, embeddings=situation.table.take(pool))
    if "costs" in used:
        inside = np.isin(situation.candidates.pool, pool, assume_unique=True)
        signals = replace(signals, costs=situation.costs()[inside])
    if fitted is not None and "probs" in used:
        signals = replace(signals, probs=_probabilities(situation, fitted, pool))
    if fitted is not None and "mc_probs" in used:
        signals = replace(signals, mc_probs=_members(situation, fitted, pool))
    if fitted is not None and "weights" in used and situation.kind == "multi-class":
        signals = replace(signals, weights=fitted.weights)
    return _with_labelled(situation, fitted, signals, used)


def _with_labelled(
    situation: Situation, fitted: Fitted | None, signals: Signals, used: frozenset[SignalName]
) -> Signals:
    """Add what is labelled. What annotators hold counts as covered where no labels have to go with it."""
    known, table = situation.candidates, situation.table
    labelled = known.labelled
    sound = table.has(labelled) & ((known.labels >= 0) if "labels" in used else True)
    numbers, labels = labelled[sound], known.labels[sound]
    if "labels" in used and situation.kind == "multi-class" and fitted is not None:
        signals = replace(signals, labels=labels.astype(np.int64))
        if "labelled_probs" in used:
            signals = replace(signals, labelled_probs=_probabilities(situation, fitted, numbers))
    if "labelled_embeddings" in used:
        if signals.labels is None:
            pending = known.pending[table.has(known.pending)]
            numbers = np.union1d(numbers, pending)
        signals = replace(signals, labelled_embeddings=table.take(numbers) if len(numbers) else None)
    return signals


def _probabilities(situation: Situation, fitted: Fitted, numbers: Indices) -> Floats:
    parts = [fitted.predict_proba(block) for _, block in situation.table.blocks(numbers)]
    whole = np.concatenate(parts) if parts else np.zeros((0, len(fitted.classes)), dtype=np.float32)
    return whole if situation.kind == "multi-class" else least_sure(whole)


def _members(situation: Situation, fitted: Fitted, numbers: Indices) -> Floats | None:
    parts = []
    for _, block in situation.table.blocks(numbers):
        part = fitted.mc_proba(block, _MEMBERS)
        if part is None:
            raise UsageError(
                f"strategy {situation.strategy.name!r} needs mc_probs, but the learner has no members to "
                "disagree; use the learner linear, or another strategy"
            )
        parts.append(part)
    whole = np.concatenate(parts, axis=1)
    if situation.kind == "multi-class":
        return whole
    place = np.abs(whole.mean(axis=0) - 0.5).argmin(axis=1)
    picked = np.take_along_axis(whole, place[np.newaxis, :, np.newaxis], axis=2)[..., 0]
    return np.stack([1 - picked, picked], axis=2)


def least_sure(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """From (n, C) probabilities of independent classes to (n, 2) of the class that is least sure.

    An item of a multi-label task is as uncertain as its most uncertain class.

    Reference: Brinker, 2006, https://doi.org/10.1007/3-540-31314-1_24
    """
    place = np.abs(probabilities - 0.5).argmin(axis=1)
    picked = np.take_along_axis(probabilities, place[:, np.newaxis], axis=1)[:, 0]
    return np.stack([1 - picked, picked], axis=1)
