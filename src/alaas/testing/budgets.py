"""The contract suite of ``BudgetManager``, built in or from a plug-in.

    class TestMine(BudgetManagerSuite):
        def make(self):
            return Mine()

A manager that promises to spend the budget whatever comes says so with ``spends`` and the labels by which it
may be behind, ``behind``.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alaas.budgets import BudgetManager, Gate, Terms
from alaas.errors import StoreError

_SUBCLASSED = [HealthCheck.differing_executors]
"""Each subclass runs the same tests, on purpose."""

_BUDGETS = st.sampled_from([0.02, 0.1, 0.5, 1.0])
_UTILITIES = st.one_of(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=300),
    st.builds(lambda value, n: [value] * n, st.floats(0, 1), st.integers(1, 300)),
    st.builds(lambda n: [float(i) for i in range(n)], st.integers(1, 300)),
    st.builds(lambda n: [-float(i) for i in range(n)], st.integers(1, 300)),
)
"""Any, ties, constants, always better, always worse."""


class BudgetManagerSuite(ABC):
    """What every budget manager must do."""

    spends: ClassVar[bool] = False
    """Whether it spends the budget whatever comes, but for ``behind`` labels."""

    @abstractmethod
    def make(self) -> BudgetManager:
        """A manager that has seen nothing."""

    def behind(self, budget: float) -> float:
        """Labels by which one that ``spends`` may be behind at this budget."""
        raise NotImplementedError

    @settings(max_examples=40, deadline=None, suppress_health_check=_SUBCLASSED)
    @given(utilities=_UTILITIES, budget=_BUDGETS, burst=st.integers(1, 5))
    def test_never_more_is_taken_than_the_terms_allow(
        self, utilities: list[float], budget: float, burst: int
    ) -> None:
        gate = Gate(self.make(), Terms(budget=budget, burst=burst, most=40))
        for utility in utilities:
            gate.offer(utility)
            assert gate.taken <= min(40, budget * gate.arrived + burst)

    @settings(max_examples=40, deadline=None, suppress_health_check=_SUBCLASSED)
    @given(utilities=_UTILITIES, budget=_BUDGETS)
    def test_one_that_spends_is_never_far_behind(self, utilities: list[float], budget: float) -> None:
        if not self.spends:
            return
        gate = Gate(self.make(), Terms(budget=budget))
        for utility in utilities:
            gate.offer(utility)
            assert budget * gate.arrived - gate.taken <= self.behind(budget)

    @settings(max_examples=20, deadline=None, suppress_health_check=_SUBCLASSED)
    @given(utilities=_UTILITIES, cut=st.integers(0, 300), seed=st.integers(0, 5))
    def test_a_stream_goes_on_from_what_was_stored(self, utilities: list[float], cut: int, seed: int) -> None:
        whole = Gate(self.make(), Terms(budget=0.2), seed=seed)
        expected = [whole.offer(utility) for utility in utilities]
        first = Gate(self.make(), Terms(budget=0.2), seed=seed)
        found = [first.offer(utility) for utility in utilities[:cut]]
        stored = json.dumps(first.state(), allow_nan=False)
        then = Gate(self.make(), Terms(budget=0.2), seed=seed)
        then.restore(json.loads(stored))
        found += [then.offer(utility) for utility in utilities[cut:]]
        assert found == expected
        assert then.state() == whole.state()

    def test_what_is_stored_stays_small_and_does_not_change_by_itself(self) -> None:
        gate = Gate(self.make(), Terms())
        rng = np.random.default_rng(0)
        for utility in rng.random(1000):
            gate.offer(float(utility))
        stored = gate.state()
        before = json.dumps(stored)
        assert len(before) < 20_000
        gate.offer(0.5)
        assert json.dumps(stored) == before

    def test_a_memory_of_another_kind_is_refused(self) -> None:
        with pytest.raises(StoreError, match=self.make().name):
            self.make().restore({"something": 1.0})

    def test_utilities_in_random_order_are_not_left_behind(self) -> None:
        gate = Gate(self.make(), Terms(budget=0.1), seed=1)
        for utility in np.random.default_rng(2).random(3000):
            gate.offer(float(utility))
        assert 0.08 <= gate.taken / gate.arrived <= 0.1 + 10 / 3000
