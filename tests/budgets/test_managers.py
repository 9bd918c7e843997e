"""Every budget manager keeps the contract, and each does what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from alaas.budgets import BudgetManager, Gate, Terms, build, registry
from alaas.errors import ConfigError, SignalError, StoreError, UnknownNameError
from alaas.testing.budgets import BudgetManagerSuite


class TestFixed(BudgetManagerSuite):
    def make(self) -> BudgetManager:
        return build("fixed", {"threshold": 0.6})


class TestRandom(BudgetManagerSuite):
    def make(self) -> BudgetManager:
        return build("random")


class TestQuantile(BudgetManagerSuite):
    spends = True

    def make(self) -> BudgetManager:
        return build("quantile", {"window": 64, "horizon": 50})

    def behind(self, budget: float) -> float:
        return (1 - budget) * 50 + 1


class TestBalancedQuantile(BudgetManagerSuite):
    spends = True

    def make(self) -> BudgetManager:
        return build("balanced_quantile", {"tolerance": 20})

    def behind(self, budget: float) -> float:
        return 20 + 1


class TestVariableUncertainty(BudgetManagerSuite):
    def make(self) -> BudgetManager:
        return build("variable_uncertainty")


class TestRandomisedVariableUncertainty(BudgetManagerSuite):
    def make(self) -> BudgetManager:
        return build("randomised_variable_uncertainty")


class TestSplit(BudgetManagerSuite):
    def make(self) -> BudgetManager:
        return build("split")


def offered(name: str, utilities: np.ndarray, *, budget: float = 0.1, **parameters: float) -> np.ndarray:
    gate = Gate(build(name, dict(parameters)), Terms(budget=budget), seed=3)
    return np.array([gate.offer(float(utility)) for utility in utilities])


def test_every_manager_is_in_the_suite() -> None:
    tested = {suite().make().name for suite in BudgetManagerSuite.__subclasses__()}
    assert tested == set(registry.builtin_names())


@pytest.mark.parametrize("name", ["quantile", "balanced_quantile", "variable_uncertainty", "fixed"])
def test_what_is_taken_is_worth_more_than_what_is_not(name: str) -> None:
    utilities = np.random.default_rng(0).random(3000)
    given = {"threshold": 0.85} if name == "fixed" else {}
    taken = offered(name, utilities, **given)
    assert utilities[taken].mean() > utilities[~taken].mean() + 0.2


def test_quantile_takes_exactly_the_share_of_ties_and_of_any_scale() -> None:
    for utilities in (np.zeros(4000), np.random.default_rng(1).lognormal(sigma=5, size=4000)):
        assert offered("quantile", utilities).mean() == pytest.approx(0.1, abs=0.005)


def test_quantile_decides_by_order_alone() -> None:
    utilities = np.random.default_rng(4).normal(size=500)
    assert (offered("quantile", utilities) == offered("quantile", np.exp(utilities))).all()


def test_the_plain_filter_takes_everything_that_gets_better_and_the_steered_one_does_not() -> None:
    better = np.arange(2000.0)
    assert offered("quantile", better, horizon=0).mean() == pytest.approx(
        0.105
    )  # the burst is all that holds
    assert offered("quantile", better, horizon=50)[-500:].mean() == pytest.approx(0.1, abs=0.005)


def test_split_without_a_random_part_is_variable_uncertainty() -> None:
    utilities = np.random.default_rng(5).random(800)
    assert (offered("split", utilities, share=0) == offered("variable_uncertainty", utilities)).all()
    assert (
        offered("randomised_variable_uncertainty", utilities, spread=0)
        == offered("variable_uncertainty", utilities)
    ).all()


def test_randomised_variable_uncertainty_also_takes_what_is_sure() -> None:
    utilities = np.where(np.random.default_rng(6).random(3000) < 0.3, 0.9, 0.02)
    sure = utilities < 0.1
    assert offered("randomised_variable_uncertainty", utilities)[sure].sum() > 0


def test_labels_in_all_and_in_a_period_are_kept_to() -> None:
    gate = Gate(build("random"), Terms(budget=1.0, most=25, period=60.0, most_per_period=10))
    taken = [
        sum(gate.offer(0.5, now=1000.0 + minute * 60 + second) for second in range(50)) for minute in range(4)
    ]
    assert taken == [10, 10, 5, 0]


def test_another_manager_goes_on_with_the_same_account() -> None:
    first = Gate(build("quantile"), Terms(budget=0.5))
    for _ in range(30):
        first.offer(1.0)
    then = Gate(build("random"), Terms(budget=0.5))
    then.restore(first.state())
    assert (then.arrived, then.taken) == (30, first.taken)


def test_a_budget_that_is_none_is_refused_with_what_was_got() -> None:
    for wrong in (0, 1.5, True, "0.1"):
        with pytest.raises(ConfigError, match=f"got {wrong!r}"):
            Terms(budget=wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="give both or neither"):
        Terms(period=60.0)
    with pytest.raises(ConfigError, match="most must be"):
        Terms(most=0)


def test_names_and_parameters_that_are_not_known_name_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="quantile"):
        build("quantil")
    with pytest.raises(ConfigError, match="window"):
        build("quantile", {"windw": 3})
    with pytest.raises(ConfigError, match="window must be a whole number"):
        build("quantile", {"window": 0})
    with pytest.raises(ConfigError, match="step must be a number above 0 and below 1, got 2"):
        build("split", {"step": 2})


def test_a_utility_that_is_no_number_is_refused_and_not_counted() -> None:
    gate = Gate(build("quantile"), Terms())
    with pytest.raises(SignalError, match="nan"):
        gate.offer(float("nan"))
    assert gate.arrived == 0
    with pytest.raises(StoreError, match="lacks 'taken'"):
        gate.restore({"arrived": 1})
