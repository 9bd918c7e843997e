"""A stream of arrays: scored on arrival, kept within its budget, the same in lots as one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alaas
from alaas.errors import ConfigError, SignalError, StoreError, UsageError
from alaas.strategies import ScoreStrategy, registry

ALONE = sorted(
    name
    for name in registry.builtin_names()
    if issubclass(registry.get(name), ScoreStrategy) and registry.get(name).alone  # type: ignore[attr-defined]
)


def test_strategies_that_need_no_pool_are_those() -> None:
    assert ALONE == [
        "bald",
        "deep_fool",
        "entropy",
        "expected_gradient_length",
        "least_confidence",
        "margin",
        "mean_std",
        "query_by_committee",
        "ratio",
        "variation_ratio",
    ]


@pytest.mark.parametrize("name", ["k_center", "badge", "information_density", "margin >> k_center"])
def test_a_strategy_that_compares_items_is_refused_and_others_are_named(name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot judge one that comes alone; these can: bald, .*margin"):
        alaas.Stream(name)


@settings(max_examples=25, deadline=None)
@given(
    strategy=st.sampled_from(["margin", "entropy", "novelty", "random"]),
    cuts=st.lists(st.integers(0, 60), max_size=5),
    seed=st.integers(0, 3),
)
def test_lots_come_out_as_one_by_one_and_after_a_restart(strategy: str, cuts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    probs, embeddings = rng.dirichlet(np.ones(3), 60), rng.normal(size=(60, 4))
    one_by_one = alaas.Stream(strategy, budget=0.3, seed=seed)
    expected = [
        one_by_one.offer(probs=probs[place : place + 1], embeddings=embeddings[place : place + 1])[0]
        for place in range(60)
    ]
    in_lots = alaas.Stream(strategy, budget=0.3, seed=seed)
    found: list[bool] = []
    bounds = sorted({0, *cuts, 60})
    for start, end in itertools.pairwise(bounds):
        found += in_lots.offer(probs=probs[start:end], embeddings=embeddings[start:end]).tolist()
        saved, in_lots = in_lots.save(), alaas.Stream(strategy, budget=0.3, seed=seed)
        in_lots.restore(saved)
    assert found == expected
    assert in_lots.arrived == 60
    assert in_lots.taken == sum(expected)


def test_novelty_takes_each_place_once() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(8, 16)) * 10
    places = rng.integers(0, 8, 600)
    stream = alaas.Stream("novelty", budget=0.05)
    taken = stream.offer(embeddings=centres[places] + rng.normal(size=(600, 16)) * 0.01)
    assert len(set(places[taken][:8])) == 8


def test_an_array_that_cannot_be_scored_decides_nothing() -> None:
    stream = alaas.Stream("margin")
    with pytest.raises(SignalError, match="needs probs"):
        stream.offer(embeddings=np.zeros((3, 2)))
    with pytest.raises(SignalError, match="NaN"):
        stream.offer(probs=np.array([[0.5, np.nan]]))
    assert stream.arrived == 0
    novel = alaas.Stream("novelty")
    novel.offer(embeddings=np.ones((40, 3)))
    with pytest.raises(SignalError, match="the same encoder"):
        novel.offer(embeddings=np.ones((1, 4)))


def test_a_budget_a_manager_and_a_saved_stream_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="share above 0"):
        alaas.Stream("margin", budget=2)
    with pytest.raises(ConfigError, match="horizon"):
        alaas.Stream("margin", manager="quantile", parameters={"horizn": 3})
    with pytest.raises(StoreError, match="expected what save gave"):
        alaas.Stream("margin").restore("[]")
