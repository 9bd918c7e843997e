"""What a stream may spend, and what it has spent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from alaas.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a stream may spend.

    Attributes: budget: the share of what arrives that may be taken, above 0 and at most 1. burst: labels by
        which the taken may be ahead of that share at any moment. most: labels in all; None for no end.
        period, most_per_period: seconds, and labels within them; both or neither.
    """

    budget: float = 0.05
    burst: int = 10
    most: int | None = None
    period: float | None = None
    most_per_period: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no budget.

        Raises:
            ConfigError: a value is out of its range, or only one of the two for periods is given.
        """
        budget = self.budget
        if isinstance(budget, bool) or not isinstance(budget, (int, float)) or not 0 < budget <= 1:
            raise ConfigError(
                f"the budget of a stream is a share above 0 and at most 1, such as 0.05; got {budget!r}"
            )
        for name in ("burst", "most", "most_per_period"):
            count = getattr(self, name)
            if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
                raise ConfigError(f"{name} must be a whole number of at least 1, got {count!r}")
        if self.period is not None and not (self.period > 0 and math.isfinite(self.period)):
            raise ConfigError(f"period must be a number of seconds above 0, got {self.period!r}")
        if (self.period is None) != (self.most_per_period is None):
            raise ConfigError(
                f"got period {self.period!r} and most_per_period {self.most_per_period!r}; give both or "
                "neither"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The account at the moment at which an item arrives.

    Attributes: budget: the share that may be taken. arrived: items so far, this one included. taken: those
        taken before it. open: whether this one may be taken.
    """

    budget: float
    arrived: int
    taken: int
    open: bool

    @property
    def owed(self) -> float:
        """Labels that the share leaves to spend, this item's part included; negative after a burst."""
        return self.budget * self.arrived - self.taken
