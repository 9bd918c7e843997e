"""The same decisions as scikit-activeml's budget managers, where the definitions agree."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.budgets import Gate, Terms, build

pytestmark = pytest.mark.peers

managers = pytest.importorskip("skactiveml.stream.budgetmanager")

UNBOUNDED = 10**9
"""Theirs have no account beside the estimate."""


def ours(name: str, utilities: np.ndarray, budget: float, **parameters: float) -> list[int]:
    gate = Gate(build(name, dict(parameters)), Terms(budget=budget, burst=UNBOUNDED))
    return [place for place, utility in enumerate(utilities) if gate.offer(float(utility))]


def theirs(manager: object, utilities: np.ndarray, *, remembers: bool = False) -> list[int]:
    taken = []
    for place, utility in enumerate(utilities):
        one = np.array([utility])
        queried = manager.query_by_utility(one)  # type: ignore[attr-defined]
        more = {"utilities": one} if remembers else {}
        manager.update(np.zeros((1, 1)), queried, **more)  # type: ignore[attr-defined]
        taken += [place] * len(queried)
    return taken


@pytest.fixture(params=[0, 1, 2])
def utilities(request: pytest.FixtureRequest) -> np.ndarray:
    return np.random.default_rng(request.param).beta(2, 3, size=1500)


@pytest.mark.parametrize("budget", [0.05, 0.2])
def test_balanced_quantile(utilities: np.ndarray, budget: float) -> None:
    other = managers.BalancedIncrementalQuantileFilter(w=100, w_tol=50, budget=budget)
    expected = theirs(other, utilities, remembers=True)
    assert ours("balanced_quantile", utilities, budget, window=100, tolerance=50) == expected
    assert expected


@pytest.mark.parametrize("budget", [0.05, 0.2])
def test_variable_uncertainty(utilities: np.ndarray, budget: float) -> None:
    other = managers.VariableUncertaintyBudgetManager(theta=1.0, s=0.01, w=100, budget=budget)
    expected = theirs(other, utilities)
    assert ours("variable_uncertainty", utilities, budget) == expected
    assert expected


@pytest.mark.parametrize("budget", [0.05, 0.2])
def test_fixed(utilities: np.ndarray, budget: float) -> None:
    classes = [0, 1, 2]
    other = managers.FixedUncertaintyBudgetManager(classes=classes, w=100, budget=budget)
    expected = theirs(other, utilities)
    assert ours("fixed", utilities, budget, threshold=(1 - 1 / 3) * (1 - budget)) == expected
    assert expected


def test_split_without_its_random_part(utilities: np.ndarray) -> None:
    other = managers.SplitBudgetManager(v=1e-12, theta=1.0, s=0.01, w=100, budget=0.1, random_state=0)
    expected = theirs(other, utilities)
    assert ours("split", utilities, 0.1, share=0) == expected
