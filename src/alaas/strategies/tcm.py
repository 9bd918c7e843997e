"""TCM: typical items while labels are few, uncertain ones afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._parameters import check_number
from alaas.strategies.margin import Margin
from alaas.strategies.typiclust import Typiclust
from alaas.types import Selection, SignalName, Signals

_BOTH: frozenset[SignalName] = frozenset({"probs", "embeddings"})
_LABELLED: frozenset[SignalName] = frozenset({"labelled_embeddings", "labels"})


@dataclass(frozen=True, kw_only=True)
class Tcm(Strategy):
    """Pick typical items (typiclust) while there are few labels, then uncertain ones (margin).

    Needs probs, shape (n, C), which are not looked at in the beginning, and embeddings, shape (n, D). The
    number of labels is that of labels, shape (m,), or of labelled_embeddings, shape (m, D), and 0 without
    either; it is the total that counts, not how it is spread over the classes. One batch comes from one
    strategy, and so do its scores. The paper recommends to switch early with embeddings of a pre-trained
    model.

    Args:
        per_class: labels for each of the C classes from which on it is margin.
        first: chooses in the beginning.
        then: chooses afterwards.

    Cost: that of the strategy that chooses.
    When: one setting from no label to many, on embeddings of a pre-trained model.

    Reference: Doucet, Estermann, Aczel & Wattenhofer, 2024, https://arxiv.org/abs/2403.03728
    """

    family = "hybrid"

    per_class: float = 20.0
    first: Strategy = Typiclust()
    then: Strategy = Margin()

    def __post_init__(self) -> None:
        """Refuse a number of labels below 0."""
        check_number("per_class", self.per_class, least=0.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What either needs, and probs to know the number of classes."""
        return self.first.needs | self.then.needs | _BOTH

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What either uses, and what tells the number of labels."""
        return (self.first.accepts | self.then.accepts | _LABELLED) - self.needs

    @property
    def exhaustive(self) -> bool:
        """Only if both are."""
        return self.first.exhaustive and self.then.exhaustive

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Let one of them choose."""
        known = signals.labels if signals.labels is not None else signals.labelled_embeddings
        enough = self.per_class * given(signals.probs).shape[1]
        chooses = self.then if known is not None and len(known) >= enough else self.first
        return chooses.choose(signals, budget, rng)
