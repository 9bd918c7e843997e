"""Every built-in strategy keeps every promise of the contract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from alaas.errors import StrategyError
from alaas.strategies import Strategy, registry
from alaas.testing.strategies import Check, check_strategy, example_signals, strategy_checks
from alaas.types import Selection, Signals


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("check", strategy_checks(), ids=lambda check: check.__name__)
def test_contract(name: str, check: Check) -> None:
    check(registry.get(name)())


@pytest.mark.parametrize("name", registry.names())
def test_name_is_the_files(name: str) -> None:
    assert registry.get(name)().name == name


@dataclass(frozen=True, kw_only=True)
class Positional(Strategy):
    """Takes the first items: breaks the promise on ties."""

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        return Selection(indices=np.arange(budget), scores=np.zeros(budget))


@dataclass(frozen=True, kw_only=True)
class Unseeded(Strategy):
    """Uses the global generator."""

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        order = np.random.permutation(len(signals))  # noqa: NPY002 - the fault to be found
        return Selection(indices=order[:budget], scores=np.zeros(budget))


@dataclass(frozen=True, kw_only=True)
class Overwriting(Strategy):
    """Sorts its input in place."""

    needs = frozenset({"costs"})

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        assert signals.costs is not None
        indices = rng.permutation(len(signals))[:budget]
        signals.costs.sort()
        return Selection(indices=indices, scores=np.zeros(budget))


@dataclass(kw_only=True, unsafe_hash=True)
class Mutable(Strategy):
    """Not frozen."""

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        return Selection(indices=rng.permutation(len(signals))[:budget], scores=np.zeros(budget))


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (Positional(), "check_breaks_ties_at_random"),
        (Unseeded(), "check_same_seed_same_picks|check_leaves_global_randomness_alone"),
        (Mutable(), "check_is_a_documented_frozen_dataclass"),
    ],
)
def test_suite_finds_broken_strategies(broken: Strategy, check: str) -> None:
    with pytest.raises(AssertionError, match=check):
        check_strategy(broken)


def test_suite_finds_changed_inputs() -> None:
    with pytest.raises((AssertionError, ValueError)):
        check_strategy(Overwriting())


@dataclass(frozen=True, kw_only=True)
class Answering(Strategy):
    """Answers what it was made with."""

    indices: tuple[float, ...] = ()

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        return Selection(indices=np.array(self.indices), scores=np.zeros(len(self.indices)))


@pytest.mark.parametrize("indices", [(0,), (0, 1, 2), (0, 0), (0, 60), (-1, 0), (0.0, 1.0), ()])
def test_broken_selection_is_an_error_and_never_an_answer(indices: tuple[float, ...]) -> None:
    strategy = Answering(indices=indices)
    with pytest.raises(StrategyError, match="answering"):
        strategy.select(example_signals(strategy), 2, np.random.default_rng(0))
