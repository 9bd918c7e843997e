"""DropQuery: who is a candidate, and what is picked among candidates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alaas.errors import ConfigError
from alaas.strategies.drop_query import DropQuery
from alaas.types import Selection, Signals
from committees import DTYPES, committees


def select(
    probs: NDArray[np.floating],
    says: NDArray[np.floating],
    embeddings: NDArray[np.floating],
    budget: int,
    seed: int = 0,
) -> Selection:
    signals = Signals(probs=probs, mc_probs=says, embeddings=embeddings)
    return DropQuery().select(signals, budget, np.random.default_rng(seed))


def changes(probs: NDArray[np.floating], says: NDArray[np.floating]) -> list[int]:
    return [
        sum(int(draw[item].argmax()) != int(usual.argmax()) for draw in says)
        for item, usual in enumerate(probs)
    ]


@settings(max_examples=80, deadline=None)
@given(says=committees(members=5, items=25), dtype=DTYPES, budget=st.integers(1, 25), seed=st.integers(0, 99))
def test_picks_are_candidates_or_fill_up_in_order(
    says: NDArray[np.float64], dtype: str, budget: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    probs, says = rng.permuted(says[0], axis=1).astype(dtype), says.astype(dtype)
    found = select(probs, says, rng.normal(size=(len(probs), 3)).astype(dtype), budget, seed)
    changed = np.array(changes(probs, says))
    candidates = set(np.flatnonzero(changed > len(says) / 2).tolist())
    picks = found.indices.tolist()
    if len(candidates) >= budget:
        assert set(picks) <= candidates
        assert found.scores.sum() == len(candidates)
    else:
        assert candidates <= set(picks)
        assert changed[picks].tolist() == sorted(changed.tolist(), reverse=True)[:budget]
        assert found.scores.tolist() == [1.0] * len(picks)
    assert (np.diff(found.scores) <= 0).all()


def test_each_group_of_undecided_items_gets_one_pick() -> None:
    # Four groups of items; dropout changes the prediction of three of them, in two passes of three.
    rng = np.random.default_rng(0)
    group = rng.choice(4, 400, p=[0.4, 0.3, 0.2, 0.1])
    embeddings = 50 * np.eye(4)[group] + rng.normal(size=(400, 4))
    first, second = np.tile([0.8, 0.2], (400, 1)), np.tile([0.2, 0.8], (400, 1))
    changed = np.where((group > 0)[:, np.newaxis], second, first)
    found = select(first, np.stack([changed, first, changed]), embeddings, 3)
    assert group[found.indices].tolist() == [1, 2, 3]
    assert found.scores.tolist() == np.bincount(group)[1:].tolist()


def test_half_of_the_passes_are_not_more_than_half() -> None:
    one, other = [1.0, 0.0], [0.0, 1.0]
    probs = np.array([one, one])
    says = np.array([[one, other], [one, one], [other, other], [other, other]])
    for seed in range(20):
        assert select(probs, says, np.ones((2, 2)), 1, seed).indices.tolist() == [1]


def test_fewer_different_candidates_than_budget() -> None:
    probs, says = np.tile([1.0, 0.0], (9, 1)), np.tile([0.0, 1.0], (3, 9, 1))
    embeddings = np.repeat(np.eye(2), [6, 3], axis=0)
    found = select(probs, says, embeddings, 4)
    assert found.scores.tolist() == [6, 3, 0, 0]
    assert len(set(found.indices.tolist())) == 4


@pytest.mark.parametrize("parameters", [{"iterations": -1}, {"sample": 0}])
def test_impossible_parameters(parameters: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(parameters))):
        DropQuery(**parameters)
