"""``alaas.query``: arrays and lists in, indices out."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import alaas
from alaas.errors import SignalError
from alaas.strategies import _query
from alaas.strategies.margin import Margin


def test_the_example_in_the_docstring() -> None:
    results = doctest.testmod(_query)
    assert results.attempted > 0
    assert results.failed == 0


def test_lists_and_whole_numbers_are_welcome() -> None:
    assert alaas.query("margin", budget=1, probs=[[1, 0], [0.5, 0.5]]).tolist() == [1]
    assert sorted(alaas.query("margin", budget=2, probs=[[1, 0], [0, 1]]).tolist()) == [0, 1]
    pixels = np.array([[0, 255], [255, 0], [0, 254]], dtype=np.uint8)
    assert len(alaas.query("k_center", budget=2, embeddings=pixels)) == 2


def test_ragged_lists_are_refused() -> None:
    with pytest.raises(SignalError, match="probs is not an array"):
        alaas.query("margin", budget=1, probs=[[1.0], [0.5, 0.5]])


def test_a_strategy_of_your_own() -> None:
    assert alaas.query(Margin(), budget=1, probs=[[0.9, 0.1], [0.6, 0.4]]).tolist() == [1]


def test_no_array_but_a_count() -> None:
    assert sorted(alaas.query("random", budget=9, count=4).tolist()) == [0, 1, 2, 3]


def test_the_seed_decides() -> None:
    picks = [alaas.query("random", budget=5, count=1000, seed=seed).tolist() for seed in (1, 1, 2)]
    assert picks[0] == picks[1] != picks[2]
