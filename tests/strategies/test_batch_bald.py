"""BatchBALD against the joint information of whole batches, label by label."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import ConfigError
from alaas.strategies import _configurations
from alaas.strategies._configurations import Configurations, _stratified
from alaas.strategies.bald import Bald
from alaas.strategies.batch_bald import BatchBald
from alaas.types import Selection, Signals
from committees import committees


def joint_information(says: NDArray[np.floating], batch: list[int]) -> float:
    """Σ p(k, labels)·ln(p(k, labels) / (p(k)·p(labels))) over all labels, members being equally likely."""
    total = 0.0
    for labels in itertools.product(range(says.shape[2]), repeat=len(batch)):
        chances = np.ones(len(says))
        for item, label in zip(batch, labels, strict=True):
            chances = chances * says[:, item, label]
        likely = chances[chances > 0.0]
        total += float((likely * np.log(likely / chances.mean())).sum()) / len(says)
    return total


def select(says: NDArray[np.floating], budget: int, seed: int = 0, **parameters: int) -> Selection:
    return BatchBald(**parameters).select(Signals(mc_probs=says), budget, np.random.default_rng(seed))


@settings(max_examples=60, deadline=None)
@given(
    says=committees(members=4, items=6, classes=(1, 2, 3)),
    budget=st.integers(1, 4),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 9),
)
def test_each_pick_adds_most_to_the_joint_information(
    says: NDArray[np.float64], budget: int, dtype: str, seed: int
) -> None:
    says = says.astype(dtype)
    found, before = select(says, budget, seed, configurations=1000), 0.0
    alone = Bald().score(Signals(mc_probs=says))
    for place, (pick, score) in enumerate(zip(found.indices.tolist(), found.scores.tolist(), strict=True)):
        chosen = found.indices[:place].tolist()
        left = [item for item in range(says.shape[1]) if item not in chosen]
        adds = {item: joint_information(says, [*chosen, item]) - before for item in left}
        if score > 0.0:
            assert score == pytest.approx(adds[pick], abs=1e-6)
            assert adds[pick] == pytest.approx(max(adds.values()), abs=1e-6)
        else:
            assert max(adds.values()) <= alone.max() / 1000 + 1e-6
            assert alone[pick] == alone[left].max()
        before += adds[pick]


@given(says=committees(members=4, items=12), seed=st.integers(0, 9))
def test_half_precision_is_taken_as_it_is(says: NDArray[np.float64], seed: int) -> None:
    half = says.astype(np.float16)
    found, wide = select(half, 5, seed), select(half.astype(np.float64), 5, seed)
    assert found.indices.tolist() == wide.indices.tolist()
    assert found.scores.tolist() == wide.scores.tolist()


@settings(max_examples=60, deadline=None)
@given(
    says=committees(members=4, items=5, classes=(1, 2, 4)),
    size=st.integers(0, 4),
    products=st.sampled_from([1, 50, 1 << 18]),
)
def test_gains_are_what_an_item_adds(says: NDArray[np.float64], size: int, products: int) -> None:
    rng = np.random.default_rng(0)
    batch = list(range(min(size, says.shape[1])))
    configurations = Configurations.of_nothing(len(says))
    for item in batch:
        configurations = configurations.joined(says[:, item], 1000, rng)
    assert configurations.chances.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(configurations.chances @ configurations.posterior, 1.0 / len(says))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_configurations, "_PRODUCTS", products)
        gains = configurations.gains(says)
    known = joint_information(says, batch)
    # An item of the batch is asked once more, as if by another annotator: hence its column twice.
    twice = np.concatenate([says, says], axis=1)
    expected = [
        joint_information(twice, [*batch, item + says.shape[1]]) - known for item in range(says.shape[1])
    ]
    np.testing.assert_allclose(gains, expected, atol=1e-9)


def test_gains_over_drawn_configurations_are_right_on_average() -> None:
    says = np.random.default_rng(4).dirichlet(np.ones(3), (4, 6))
    exact, drawn = Configurations.of_nothing(4), []
    for item in (0, 1, 2):
        exact = exact.joined(says[:, item], 1000, np.random.default_rng(0))
    for seed in range(1500):
        rng, few = np.random.default_rng(seed), Configurations.of_nothing(4)
        for item in (0, 1, 2):
            few = few.joined(says[:, item], 5, rng)
        assert few.chances.tolist() == [0.2] * 5
        drawn.append(few.gains(says[:, 3:]))
    error = 5 * np.std(drawn, axis=0) / np.sqrt(len(drawn))
    assert (np.abs(np.mean(drawn, axis=0) - exact.gains(says[:, 3:])) < error).all()


def test_there_is_nothing_to_gain_once_every_draw_knows_its_member() -> None:
    says = np.random.default_rng(5).dirichlet(np.full(7, 0.3), (7, 20))
    says[:, 0] = np.eye(7)
    drawn = Configurations.of_nothing(7).joined(says[:, 0], 3, np.random.default_rng(0))
    assert len(drawn.chances) == 3
    np.testing.assert_allclose(drawn.gains(says), 0.0, atol=1e-12)


def test_a_question_is_not_asked_twice() -> None:
    # Items 0 to 2 all tell members 0 and 1 from 2 and 3; item 3, less surely, tells 0 and 2 from 1 and 3.
    sides, doubts = np.eye(2), np.array([[0.9, 0.1], [0.1, 0.9]])
    says = np.stack(
        [[sides[half]] * 3 + [doubts[other]] for half, other in itertools.product((0, 1), repeat=2)]
    )
    found = select(says, 4)
    assert set(found.indices[[0, 2, 3]].tolist()) == {0, 1, 2}
    assert found.indices[1] == 3
    assert found.scores[0] == pytest.approx(math.log(2))
    assert found.scores[1] == pytest.approx(joint_information(says, [3]))
    assert found.scores[2:].tolist() == [0.0, 0.0]
    assert alaas.query("bald", budget=3, mc_probs=says).tolist() != found.indices[:3].tolist()


def test_once_members_are_told_apart_bald_decides() -> None:
    says = np.random.default_rng(0).dirichlet(np.full(4, 0.2), (5, 60))
    found = select(says, 60)
    greedy = int((found.scores > 0.0).sum())
    assert 2 < greedy < 40
    assert found.scores.sum() == pytest.approx(math.log(5), rel=0.01)
    assert (found.scores[greedy:] == 0.0).all()
    rest = Bald().score(Signals(mc_probs=says))[found.indices[greedy:]]
    assert (np.diff(rest) <= 0.0).all()


def test_drawn_configurations_estimate_the_information_of_the_batch() -> None:
    says = np.random.default_rng(1).dirichlet(np.full(3, 2.0), (6, 25))
    exact = select(says, 6, configurations=3**6)
    best = joint_information(says, exact.indices.tolist())
    assert exact.scores.sum() == pytest.approx(best, rel=1e-9)
    drawn = [select(says, 6, seed, configurations=200) for seed in range(8)]
    assert np.mean([found.scores.sum() for found in drawn]) == pytest.approx(best, rel=0.01)
    reached = np.mean([joint_information(says, found.indices.tolist()) for found in drawn])
    assert reached > 0.99 * best


def test_hundreds_of_picks_do_not_vanish() -> None:
    rng = np.random.default_rng(2)
    base = rng.dirichlet(np.ones(4), 500)
    says = np.stack([0.98 * base + 0.02 * rng.dirichlet(np.ones(4), 500) for _ in range(8)])
    found = select(says, 400, configurations=100)
    assert (found.scores > 0.0).all()
    assert found.scores.sum() < math.log(8)


def test_candidates_are_the_best_by_bald() -> None:
    says = np.random.default_rng(3).dirichlet(np.ones(3), (4, 100))
    ranked = np.argsort(-Bald().score(Signals(mc_probs=says)))
    found = select(says, 5, candidates=6)
    assert (found.scores > 0.0).all()
    assert set(found.indices.tolist()) <= set(ranked[:6].tolist())
    assert set(select(says, 9, candidates=1).indices.tolist()) == set(ranked[:9].tolist())


@given(
    shares=st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=20),
    count=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_draws_keep_close_to_their_shares(shares: list[float], count: int, seed: int) -> None:
    weights = np.array(shares)
    drawn = _stratified(weights, count, np.random.default_rng(seed))
    assert len(drawn) == count
    expected = count * weights / weights.sum()
    assert (np.abs(np.bincount(drawn, minlength=len(weights)) - expected) < 2.0 + 1e-9).all()


def test_one_draw_is_in_proportion_to_the_weights() -> None:
    drawn = [
        int(_stratified(np.array([3.0, 1.0]), 1, np.random.default_rng(seed))[0]) for seed in range(2000)
    ]
    assert np.mean(drawn) == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("parameters", [{"candidates": 0}, {"configurations": 0}, {"configurations": 1.5}])
def test_impossible_parameters(parameters: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        BatchBald(**parameters)
