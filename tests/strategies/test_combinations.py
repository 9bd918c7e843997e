"""Strategies made of others, against plain references."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alaas
from alaas.errors import ConfigError, SignalError
from alaas.strategies import build
from alaas.strategies.balanced import Balanced, fill_quotas
from alaas.types import Selection, Signals


def select(expression: str, budget: int, seed: int = 0, **arrays: object) -> Selection:
    signals = Signals(**arrays)  # type: ignore[arg-type]
    return build(expression).select(signals, budget, np.random.default_rng(seed))


def arrays(n: int, seed: int, classes: int = 4) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "probs": rng.dirichlet(np.ones(classes), n),
        "embeddings": rng.normal(size=(n, 5)),
        "costs": rng.uniform(0.5, 3.0, n),
    }


# prefilter


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), budget=st.integers(1, 60), factor=st.floats(1, 6), seed=st.integers(0, 99))
def test_prefilter_is_one_strategy_on_the_best_of_another(
    n: int, budget: int, factor: float, seed: int
) -> None:
    pool = arrays(n, seed)
    wanted = min(budget, n)
    kept = min(n, int(np.ceil(factor * wanted)))
    margins = np.sort(pool["probs"], axis=1)
    few = np.sort(np.argsort(margins[:, -1] - margins[:, -2], kind="stable")[:kept])
    entropies = -(pool["probs"] * np.log(pool["probs"])).sum(axis=1)
    expected = few[np.argsort(-entropies[few], kind="stable")[:wanted]]
    found = select(f"prefilter(margin, entropy, factor={factor})", budget, **pool)
    assert found.indices.tolist() == expected.tolist()


# product


def greedy(weights: np.ndarray, embeddings: np.ndarray, labelled: np.ndarray, budget: int) -> list[int]:
    """Plain greedy: the largest weight · distance to the nearest of everything so far."""
    known, picks = list(labelled), []
    for _ in range(budget):
        if known:
            apart = np.linalg.norm(embeddings[:, None] - np.array(known)[None], axis=2).min(axis=1)
        else:
            apart = np.ones(len(embeddings))
        values = weights * apart
        values[picks] = -1.0
        picks.append(int(values.argmax()))
        known.append(embeddings[picks[-1]])
    return picks


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 60),
    budget=st.integers(1, 20),
    m=st.integers(0, 5),
    weight=st.sampled_from([0.25, 1.0, 2.0]),
    power=st.sampled_from([0.5, 1.0]),
    seed=st.integers(0, 999),
)
def test_a_product_with_k_center_is_plain_greedy(
    n: int, budget: int, m: int, weight: float, power: float, seed: int
) -> None:
    pool = arrays(n, seed)
    labelled = np.random.default_rng(seed + 1).normal(size=(m, 5))
    margins = np.sort(pool["probs"], axis=1)
    scores = 1.0 - (margins[:, -1] - margins[:, -2])
    found = select(f"margin ** {weight} * k_center ** {power}", budget, labelled_embeddings=labelled, **pool)
    # (score^weight · distance^power) orders as score^(weight / power) · distance does.
    expected = greedy(scores ** (weight / power), pool["embeddings"], labelled, min(budget, n))
    assert found.indices.tolist() == expected


def test_a_product_of_scores_takes_the_largest_products() -> None:
    pool = arrays(50, 3)
    margins = np.sort(pool["probs"], axis=1)
    margin, ratio = 1.0 - (margins[:, -1] - margins[:, -2]), margins[:, -2] / margins[:, -1]
    values = margin**2 * ratio**0.5
    found = select("margin ** 2 * ratio ** 0.5", 9, **pool)
    assert found.indices.tolist() == np.argsort(-values)[:9].tolist()
    assert found.scores == pytest.approx(np.sort(values)[::-1][:9])


def test_a_weight_of_nothing_leaves_an_objective_out() -> None:
    pool = arrays(50, 4)
    assert (
        select("margin * k_center ** 0", 9, **pool).indices.tolist()
        == select("margin", 9, **pool).indices.tolist()
    )


# power


def test_power_draws_in_proportion_to_the_score() -> None:
    probs = np.array([[0.5, 0.5], [0.75, 0.25], [0.875, 0.125], [1.0, 0.0]])  # margins' scores 1, ½, ¼, 0
    for beta, expected in ((1.0, [4, 2, 1, 0]), (2.0, [16, 4, 1, 0]), (0.0, [1, 1, 1, 1])):
        first = [
            int(select(f"power(margin, beta={beta})", 1, seed, probs=probs).indices[0])
            for seed in range(3000)
        ]
        share = np.bincount(first, minlength=4) / 3000
        assert share == pytest.approx(np.array(expected) / sum(expected), abs=0.03)


def test_a_large_beta_takes_the_best() -> None:
    pool = arrays(60, 5)
    assert select("power(margin, beta=1e6)", 10, **pool).indices.tolist() == (
        select("margin", 10, **pool).indices.tolist()
    )


# balanced


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_quotas_come_as_close_to_the_shares_as_the_pool_allows(data: st.DataObject) -> None:
    classes = data.draw(st.integers(1, 3))
    sizes = np.array(data.draw(st.lists(st.integers(0, 5), min_size=classes, max_size=classes)))
    if not sizes.sum():
        return
    have = np.array(data.draw(st.lists(st.integers(0, 6), min_size=classes, max_size=classes)))
    shares = np.array(data.draw(st.lists(st.integers(1, 4), min_size=classes, max_size=classes)), dtype=float)
    shares /= shares.sum()
    budget = data.draw(st.integers(1, int(sizes.sum())))
    quotas = fill_quotas(sizes, have, shares, budget, np.random.default_rng(0))
    assert quotas.sum() == budget
    assert (quotas <= sizes).all()

    def distance(candidate: np.ndarray) -> float:
        return float(np.square(have + candidate - shares * (have.sum() + budget)).sum())

    every = itertools.product(*(range(size + 1) for size in sizes))
    best = min(distance(np.array(candidate)) for candidate in every if sum(candidate) == budget)
    assert distance(quotas) == pytest.approx(best)


def test_balanced_fills_what_is_missing_and_takes_turns() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), 300)
    labels = np.array([0] * 8 + [1] * 2)
    found = alaas.query("balanced(margin)", budget=20, probs=probs, labels=labels)
    counts = np.bincount(probs.argmax(axis=1)[found], minlength=3)
    assert (counts + np.bincount(labels, minlength=3)).tolist() == [10, 10, 10]
    assert set(probs.argmax(axis=1)[found[:3]]) == {0, 1, 2}
    ordered = [index for index in found if probs[index].argmax() == 2]
    margins = np.sort(probs, axis=1)
    assert np.all(np.diff((margins[:, -1] - margins[:, -2])[ordered]) >= 0)


def test_balanced_to_given_shares() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(3), 300)
    found = alaas.query("balanced(random, shares=[6, 3, 1])", budget=20, probs=probs)
    assert np.bincount(probs.argmax(axis=1)[found], minlength=3).tolist() == [12, 6, 2]
    with pytest.raises(ConfigError, match="2 shares for 3 classes"):
        alaas.query(Balanced(shares=(1.0, 1.0)), budget=3, probs=probs)


def test_labels_that_are_no_class_numbers_are_refused() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(3), 30)
    for labels in (["cat", "dog"], [0, 3], [0, -1], [0.5, 1.0]):
        with pytest.raises(SignalError, match="class numbers from 0 to 2"):
            alaas.query("balanced(margin)", budget=3, probs=probs, labels=labels)


# cost_aware


def test_score_for_cost() -> None:
    pool = arrays(60, 6)
    margins = np.sort(pool["probs"], axis=1)
    ratios = (1.0 - (margins[:, -1] - margins[:, -2])) / pool["costs"]
    found = select("cost_aware(margin)", 10, **pool)
    assert found.indices.tolist() == np.argsort(-ratios)[:10].tolist()
    assert found.scores == pytest.approx(np.sort(ratios)[::-1][:10])


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 9), limit=st.floats(0.1, 12), seed=st.integers(0, 999))
def test_a_batch_under_a_limit_is_worth_half_of_the_best(n: int, limit: float, seed: int) -> None:
    pool = arrays(n, seed)
    margins = np.sort(pool["probs"], axis=1)
    scores = 1.0 - (margins[:, -1] - margins[:, -2])
    found = select(f"cost_aware(margin, limit={limit})", n, **pool).indices
    cost = pool["costs"][found].sum()
    assert cost <= limit * (1 + 1e-9) or (len(found) == 1 and cost == pool["costs"].min())
    every = itertools.chain.from_iterable(itertools.combinations(range(n), size) for size in range(n + 1))
    best = max(scores[list(part)].sum() for part in every if pool["costs"][list(part)].sum() <= limit)
    assert scores[found].sum() >= best / 2 - 1e-12


def test_one_dear_item_worth_all_the_cheap_ones() -> None:
    probs = np.array([[0.9, 0.1], [0.5, 0.5], [0.95, 0.05]])  # worth 0.2, 1, 0.1
    found = select("cost_aware(margin, limit=10)", 3, probs=probs, costs=np.array([1.0, 10.0, 1.0]))
    assert found.indices.tolist() == [1]


def test_costs_must_be_above_nothing() -> None:
    with pytest.raises(SignalError, match="above 0, got 0 for item 1"):
        select("cost_aware(margin)", 1, probs=np.full((2, 2), 0.5), costs=np.array([1.0, 0.0]))


# two_round


def test_two_rounds_of_a_score_give_its_own_answer() -> None:
    pool = arrays(500, 7)
    for shards in (1, 3, 16, 500, 9999):
        assert (
            select(f"two_round(margin, shards={shards})", 40, **pool).indices.tolist()
            == select("margin", 40, **pool).indices.tolist()
        )


def radius(embeddings: np.ndarray, picks: np.ndarray) -> float:
    apart = np.linalg.norm(embeddings[:, None] - embeddings[picks][None], axis=2)
    return float(apart.min(axis=1).max())


@pytest.mark.parametrize("seed", range(3))
def test_two_rounds_of_k_center_cover_nearly_as_well(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(30, 16)) * 3
    pool = centres[rng.integers(30, size=4000)] + rng.normal(size=(4000, 16))
    plain = np.median([radius(pool, select("k_center", 100, s, embeddings=pool).indices) for s in range(5)])
    rounds = np.median(
        [
            radius(pool, select("two_round(k_center, shards=8)", 100, s, embeddings=pool).indices)
            for s in range(5)
        ]
    )
    assert rounds <= 1.05 * plain
