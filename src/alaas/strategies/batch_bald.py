"""BatchBALD: a batch whose labels together tell the members of a committee apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._committee import ROUNDING
from alaas.strategies._configurations import Configurations
from alaas.strategies._parameters import check_count
from alaas.strategies._ranking import top, top_set
from alaas.strategies.bald import Bald
from alaas.types import Floats, Indices, Selection, Signals

_FEWEST, _MOST = 4, 16
"""Items whose gains are computed at a time: few while the best is likely among them, more later."""


@dataclass(frozen=True, kw_only=True)
class BatchBald(Strategy):
    """Pick items whose labels together say most about which member of a committee is right.

    Needs mc_probs, shape (K, n, C). Each pick is the item that adds most to the mutual information between
    the labels of the batch and the member that is right; its score is what it adds, in nats, so that the sum
    of the scores is the information of the batch. The expectation over the batch's labels is exact while no
    more than `configurations` joint labels are possible; from then on it is taken over as many, drawn from
    the mixture of the members. The entropies with and without knowing the member are averaged over the same
    draws, so that no gain is negative. Only the items with the best scores by bald are candidates: this bound
    is ours, for pools larger than the paper's.

    The information of a batch cannot exceed ln K. As soon as no candidate adds more than 1/configurations of
    what the first pick did, single draws would decide, and the rest of the batch comes in the order of bald,
    with score 0. With 20 members that differ clearly this happens after some thirty picks.

    Args:
        candidates: how many items with the best scores by bald take part, or as many as the budget if that
            is more.
        configurations: joint labels of the batch that expectations are taken over; 10,000 in place of 1,000
            take ten times as long, and added less than 0.2 % to the information of a batch when measured.

    Cost: O(K·n·C + e·M·K·C) time for M configurations and e computed gains, at most B·candidates and often
        far fewer; O(n + K·C·candidates + M·(K + C)) memory.
    When: batches of up to some dozens by an ensemble, in which bald would ask the same question many times.

    Reference: Kirsch, van Amersfoort & Gal, 2019, https://arxiv.org/abs/1906.08158
    """

    family = "disagreement"
    needs = frozenset({"mc_probs"})

    candidates: int = 2_000
    configurations: int = 1_000

    def __post_init__(self) -> None:
        """Refuse to choose among nothing."""
        check_count("candidates", self.candidates)
        check_count("configurations", self.configurations)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Greedy while it can tell items apart, then by bald."""
        mc_probs, scores = given(signals.mc_probs), Bald().score(signals)
        few = np.sort(top_set(scores, max(self.candidates, budget), rng))
        members = np.maximum(mc_probs[:, few], 0.0)
        places, gains = self._greedy(members, scores[few], budget, rng)
        picks = few[places]
        if len(picks) < budget:
            scores[picks] = -1.0
            picks = np.concatenate([picks, top(scores, budget - len(picks), rng)])
        return Selection(indices=picks, scores=np.concatenate([gains, np.zeros(budget - len(gains))]))

    def _greedy(
        self, members: Floats, scores: NDArray[np.float64], budget: int, rng: np.random.Generator
    ) -> tuple[Indices, NDArray[np.float64]]:
        """Places of the picks among the candidates, and what each adds; at most ``budget`` of them."""
        batch = Configurations.of_nothing(len(members))
        bounds = scores.copy()
        least = max(scores.max() / self.configurations, ROUNDING)
        places: list[int] = []
        gains: list[float] = []
        while len(places) < budget:
            best = _renew(bounds, batch, members)
            if best <= least:
                break
            tied = np.flatnonzero(bounds >= best - ROUNDING)
            places.append(int(tied[0] if len(tied) == 1 else rng.choice(tied)))
            gains.append(best)
            bounds[places[-1]] = -np.inf
            batch = batch.joined(members[:, places[-1]], self.configurations, rng)
        return np.array(places, dtype=np.int64), np.array(gains)


def _renew(bounds: NDArray[np.float64], batch: Configurations, members: Floats) -> float:
    """Bring the largest bounds up to date until the best of them is known, and return it.

    Labels are independent once the member is known, so an item never adds more to a larger batch, but for the
    noise of draws: its last gain bounds the next, and most items need not be looked at for most picks.
    """
    left = np.flatnonzero(bounds > -np.inf)
    order = left[np.argsort(-bounds[left])]
    best, start, width = -np.inf, 0, _FEWEST
    while start < len(order) and bounds[order[start]] >= best - ROUNDING:
        part = order[start : start + width]
        bounds[part] = batch.gains(members[:, part])
        best = max(best, float(bounds[part].max()))
        start, width = start + width, min(2 * width, _MOST)
    return best
