"""What the items of one lot are worth, asked one after another."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alaas.budgets import Gate
from alaas.seeding import generator


class Worth(Protocol):
    """The utilities of a lot's items, by their place in it."""

    def of(self, place: int) -> float:
        """What the item is worth now, after the decisions on those before it."""

    def took(self, place: int) -> None:
        """Say that the item was taken."""


class Given:
    """Utilities that do not depend on what is taken.

    Args:
        utilities: one an item, shape (n,).
    """

    def __init__(self, utilities: NDArray[np.float64]) -> None:
        self._utilities = utilities

    def of(self, place: int) -> float:
        """See ``Worth``."""
        return float(self._utilities[place])

    def took(self, place: int) -> None:
        """See ``Worth``: it changes nothing."""


class Drawn:
    """Utilities at random, which only an item's place in the stream decides.

    Args:
        seed: the stream's.
        gate: what the items go through, which counts them.
    """

    def __init__(self, seed: int, gate: Gate) -> None:
        self._seed, self._gate = seed, gate

    def of(self, place: int) -> float:  # noqa: ARG002
        """See ``Worth``."""
        rng = generator(self._seed, round_number=self._gate.arrived, purpose="stream utility")
        return float(rng.random())

    def took(self, place: int) -> None:
        """See ``Worth``: it changes nothing."""
