"""Stratified choice: quotas by the book, equal chances, and what the strata are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.errors import ConfigError, SignalError
from alaas.strategies.stratified_random import StratifiedRandom, _quotas
from alaas.types import Signals


def select(strategy: StratifiedRandom, signals: Signals, budget: int, seed: int = 0) -> NDArray[np.int64]:
    return strategy.select(signals, budget, np.random.default_rng(seed)).indices


@given(
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=8).filter(any),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 99),
)
def test_quotas_are_by_largest_remainder(sizes: list[int], share: float, seed: int) -> None:
    n = sum(sizes)
    budget = max(1, round(share * n))
    quotas = _quotas(np.array(sizes), budget, np.random.default_rng(seed)).tolist()
    fair = [Fraction(budget * size, n) for size in sizes]
    more = [quota > part for quota, part in zip(quotas, fair, strict=True)]
    assert sum(quotas) == budget
    assert all(quota in (int(part), int(part) + 1) for quota, part in zip(quotas, fair, strict=True))
    up = [part - int(part) for part, raised in zip(fair, more, strict=True) if raised]
    down = [part - int(part) for part, raised in zip(fair, more, strict=True) if not raised]
    assert all(raised > 0 for raised in up)
    assert not up or not down or min(up) >= max(down)


def test_quotas_equal_those_of_scikit_learns_stratified_split() -> None:
    from sklearn.model_selection import train_test_split

    classes = np.random.default_rng(0).choice(5, 1000, p=[0.4, 0.3, 0.2, 0.06, 0.04])
    theirs, _ = train_test_split(classes, train_size=97, stratify=classes, random_state=0)
    picks = select(StratifiedRandom(by="class"), Signals(probs=np.eye(5)[classes]), 97)
    np.testing.assert_array_equal(np.bincount(classes[picks]), np.bincount(theirs))


def test_tied_remainders_are_drawn() -> None:
    sizes, rng = np.array([5, 5, 5, 5]), np.random.default_rng(0)
    extra = np.sum([_quotas(sizes, 6, rng) - 1 for _ in range(2000)], axis=0)
    np.testing.assert_allclose(extra / 2000, 0.5, atol=0.05)


@pytest.mark.parametrize("by", ["class", "cluster", "order"])
def test_every_item_has_the_same_chance(by: str) -> None:
    # 24 items in three parts of 12, 8 and 4, of which 6 picks are 3, 2 and 1: no rounding, a quarter of each.
    group = np.repeat([0, 1, 2], [12, 8, 4])
    signals = Signals(probs=np.eye(3)[group], embeddings=100 * np.eye(3)[group])
    strategy = StratifiedRandom(by=by, strata=4 if by == "order" else 3)  # type: ignore[arg-type]
    runs = 1000
    picks = np.array([select(strategy, signals, 6, seed) for seed in range(runs)])
    often = np.bincount(picks.ravel(), minlength=24) / runs
    np.testing.assert_allclose(often, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / runs))
    first = np.bincount(picks[:, 0], minlength=24) / runs
    np.testing.assert_allclose(first, 1 / 24, atol=5 * np.sqrt(1 / 24 / runs))
    if by != "order":
        assert (np.sort(group[picks], axis=1) == [0, 0, 0, 1, 1, 2]).all()


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 60), strata=st.integers(1, 70), budget=st.integers(1, 60), seed=st.integers(0, 99))
def test_consecutive_parts_get_their_share(n: int, strata: int, budget: int, seed: int) -> None:
    parts = np.arange(n) * min(strata, n) // n
    sizes = np.bincount(parts)
    assert sizes.max() - sizes.min() <= 1
    picks = select(StratifiedRandom(by="order", strata=strata), Signals(count=n), budget, seed)
    counts = np.bincount(parts[picks], minlength=len(sizes))
    assert (np.abs(counts - len(picks) * sizes / n) < 1).all()


def test_auto_takes_what_there_is() -> None:
    classes, places = np.arange(40) % 2, np.arange(40) // 10
    arrays = {"probs": np.eye(2)[classes], "embeddings": 100.0 * np.eye(4)[places]}
    auto = StratifiedRandom(strata=4)
    by_class = select(auto, Signals(**arrays), 10)
    assert np.bincount(classes[by_class]).tolist() == [5, 5]
    by_cluster = select(auto, Signals(embeddings=arrays["embeddings"]), 8)
    assert np.bincount(places[by_cluster]).tolist() == [2, 2, 2, 2]
    by_order = select(auto, Signals(count=40), 8)
    assert np.bincount(places[by_order]).tolist() == [2, 2, 2, 2]


def test_it_needs_what_its_strata_are_made_from() -> None:
    assert StratifiedRandom().needs == frozenset()
    assert StratifiedRandom().accepts == {"probs", "embeddings"}
    for by, name in (("class", "probs"), ("cluster", "embeddings")):
        strategy = StratifiedRandom(by=by)  # type: ignore[arg-type]
        assert strategy.needs == {name}
        assert strategy.accepts == frozenset()
        with pytest.raises(SignalError, match=name):
            select(strategy, Signals(count=5), 2)


@pytest.mark.parametrize("parameters", [{"by": "colour"}, {"by": None}, {"strata": 0}, {"strata": 2.5}])
def test_impossible_parameters(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        StratifiedRandom(**parameters)  # type: ignore[arg-type]
