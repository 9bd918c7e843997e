"""The contract of a budget manager."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from alaas.budgets._ledger import Ledger
from alaas.errors import StoreError
from alaas.types import JSON


@dataclass(kw_only=True)
class BudgetManager(ABC):
    """Decides of each item of a stream, once and at once, whether it is worth a label.

    A subclass is a keyword-only dataclass. Its constructor's fields are its parameters; fields with
    ``init=False`` are its memory: numbers, texts and lists of them, which ``state`` gives and ``restore``
    takes, so that a stream can go on in another process. What a manager decides depends on its parameters,
    its memory, the utility, the ledger and ``rng``, and on nothing else. ``alaas.testing.budgets`` holds the
    suite that every manager must pass.

    One class, one file: ``budgets/balanced_quantile.py`` holds ``BalancedQuantile`` and is called
    ``balanced_quantile`` in YAML.
    """

    @property
    def name(self) -> str:
        """The name in YAML, which is the file's."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @abstractmethod
    def decide(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:
        """Take the item or let it go, and remember what later decisions need.

        Where ``ledger.open`` is off, the item cannot be taken whatever is said here.

        Args:
            utility: how much the item is worth, finite; larger is more.
            ledger: what was spent before this item.
            rng: of this item alone; how much is drawn from it changes nothing for others.
        """

    def state(self) -> dict[str, JSON]:
        """The memory as a small JSON document."""
        return {field: _copied(getattr(self, field)) for field in self._memory()}

    def restore(self, state: Mapping[str, JSON]) -> None:
        """Go on from a memory that ``state`` gave.

        Raises:
            StoreError: it is another manager's.
        """
        memory = self._memory()
        if set(state) != set(memory):
            raise StoreError(
                f"the memory of budget manager {self.name!r} has {', '.join(memory) or 'nothing'}, got "
                f"{', '.join(sorted(state)) or 'nothing'}; was it written by another version?"
            )
        for field in memory:
            setattr(self, field, _copied(state[field]))

    def _memory(self) -> list[str]:
        return [field.name for field in fields(self) if not field.init]


def _copied(value: JSON) -> JSON:
    return list(value) if isinstance(value, list) else value
