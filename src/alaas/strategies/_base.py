"""The contract of a query strategy."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from alaas.errors import BudgetError, StrategyError
from alaas.strategies._checks import check_signals
from alaas.types import Selection, SignalName, Signals

if TYPE_CHECKING:
    from alaas.strategies.prefilter import Prefilter
    from alaas.strategies.product import Product

Family: TypeAlias = Literal[
    "baseline", "uncertainty", "disagreement", "diversity", "density", "hybrid", "learner", "combination"
]
"""What a strategy goes by, for people who look for one.

baseline: nothing; uncertainty: one model's class probabilities; disagreement: several models'; diversity:
items unlike each other; density: typical items; hybrid: uncertainty and diversity together; learner: the
learner's own weights, gradients or labels; combination: made of other strategies.
"""


class Strategy(ABC):
    """Chooses ``budget`` items from arrays. Pure: it never sees a model, a file or the network.

    A subclass is a frozen dataclass whose keyword-only fields are its parameters, each with a default; it
    says what it ``needs`` and implements ``choose``. One class, one file: ``strategies/k_center.py`` holds
    ``KCenter`` and is called ``k_center`` in YAML. ``alaas.testing.strategies`` holds the suite that every
    strategy must pass.

    The promise of ``select``, kept here for all of them:

    - exactly ``min(budget, n)`` distinct indices, in picking order (at most as many, and at least one, for a
      strategy that is not ``exhaustive``);
    - the same inputs and the same state of ``rng`` give the same picks on one machine;
    - the inputs are never changed, and may be float16, float32, float64 or memory-mapped;
    - ties break at random through ``rng``, never by position.
    """

    family: ClassVar[Family]
    """What the strategy goes by."""

    @property
    def needs(self) -> frozenset[SignalName]:
        """The signals without which it cannot choose. The pipeline computes these and no more.

        Most strategies write a plain class attribute in its place; one that is made of others asks them.
        """
        return frozenset()

    @property
    def accepts(self) -> frozenset[SignalName]:
        """Signals that it uses when they are there; a plain class attribute likewise."""
        return frozenset()

    streams: ClassVar[frozenset[SignalName]] = frozenset()
    """Signals whose values ``choose`` checks itself while it reads them once, instead of before."""

    @property
    def exhaustive(self) -> bool:
        """Whether it always gives ``min(budget, n)`` picks; one that may stop earlier says so here."""
        return True

    @property
    def name(self) -> str:
        """The name in YAML, which is the file's: ``KCenter`` → ``k_center``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def __str__(self) -> str:
        """The expression that ``build`` understands: ``power(margin, beta=2) >> k_center``."""
        from alaas.strategies._expression import expression

        return expression(self)

    def infix(self) -> str | None:
        """The expression of a combination that has an operator of its own; None for all others."""
        return None

    def __rshift__(self, other: Strategy) -> Prefilter:
        """``margin >> k_center``: the best by one strategy, among which the other chooses."""
        from alaas.strategies.prefilter import Prefilter

        return Prefilter(first=self, then=other)

    def __mul__(self, other: Strategy) -> Product:
        """``margin * k_center``: items that are good by both."""
        from alaas.strategies.product import Product

        return Product.of(self).times(Product.of(other))

    def __pow__(self, weight: float) -> Product:
        """``margin * k_center ** 0.5``: how much one of them counts."""
        from alaas.strategies.product import Product

        return Product.of(self).raised(weight)

    def select(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Choose ``min(budget, n)`` of the pool's n items.

        Raises:
            BudgetError: ``budget`` is not a whole number of at least 1.
            SignalError: a needed signal is missing, misshapen, empty, or holds NaN or infinity.
            StrategyError: the strategy broke its promise (a bug in the strategy, not in the call).
        """
        checked_budget(budget)
        n = check_signals(self.name, self.needs, self.accepts, signals, self.streams)
        wanted = min(int(budget), n)
        return _kept(self, self.choose(signals, wanted, rng), wanted, n)

    @abstractmethod
    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Choose exactly ``budget`` items; inputs are already checked and 1 ≤ ``budget`` ≤ n."""


def _kept(strategy: Strategy, selection: Selection, wanted: int, n: int) -> Selection:
    """Return ``selection`` if it keeps the promise; a broken one is never passed on."""
    name = strategy.name
    indices, scores = np.asarray(selection.indices), np.asarray(selection.scores)
    if not strategy.exhaustive and indices.ndim == 1 and 1 <= len(indices) <= wanted:
        wanted = len(indices)
    if indices.shape != (wanted,) or scores.shape != (wanted,):
        raise StrategyError(
            f"strategy {name!r} returned picks of shape {indices.shape} with scores of shape "
            f"{scores.shape}; {wanted} of each were asked for"
        )
    if indices.dtype.kind not in "iu":
        raise StrategyError(f"strategy {name!r} returned picks of type {indices.dtype}, not positions")
    if indices.min() < 0 or indices.max() >= n or np.unique(indices).size != wanted:
        raise StrategyError(f"strategy {name!r} returned repeated picks or picks outside 0 … {n - 1}")
    return Selection(indices=indices.astype(np.int64), scores=scores.astype(np.float64))


def checked_budget(budget: object) -> int:
    """Return ``budget`` if it is a whole number of at least 1.

    Raises:
        BudgetError: otherwise, with what was got.
    """
    if isinstance(budget, bool) or not isinstance(budget, (int, np.integer)):
        raise BudgetError(f"budget must be a whole number of at least 1, got {budget!r}")
    if budget < 1:
        raise BudgetError(f"budget must be at least 1, got {budget}")
    return int(budget)
