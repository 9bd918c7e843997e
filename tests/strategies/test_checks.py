"""What is refused, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import alaas
from alaas.errors import SignalError
from alaas.strategies._checks import check_signals
from alaas.types import Signals


def check(**arrays: object) -> int:
    """Check as for a strategy that uses all that is given."""
    used = frozenset(arrays) - {"count"}
    return check_signals("mine", used, frozenset(), Signals(**arrays))  # type: ignore[arg-type]


@given(seed=st.integers(0, 999), classes=st.integers(1, 2000), sharpness=st.floats(0.01, 50))
def test_a_softmax_in_float16_is_accepted(seed: int, classes: int, sharpness: float) -> None:
    logits = (sharpness * np.random.default_rng(seed).normal(size=(3, classes))).astype(np.float16)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert check(probs=(powers / powers.sum(axis=1, keepdims=True, dtype=np.float16)).astype(np.float16)) == 3


def test_large_finite_values_are_accepted() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        large = np.full((3, 5), np.finfo(dtype).max, dtype=dtype)
        assert check(embeddings=large) == 3
        assert check(costs=large[:, 0]) == 3


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_row_is_named(dtype: str, value: float) -> None:
    embeddings = np.full((300_000, 3), 7.0, dtype=dtype)
    embeddings[250_001, 1] = value
    with pytest.raises(SignalError, match=r"refuses embeddings: NaN or infinity in row 250001;"):
        check(embeddings=embeddings)


def test_infinities_that_cancel_are_found() -> None:
    with pytest.raises(SignalError, match="row 1;"):
        check(embeddings=np.array([[1.0, 2.0], [np.inf, -np.inf]]))


def test_many_bad_rows_are_cut_short() -> None:
    with pytest.raises(SignalError, match=r"rows 0, 1, 2 …;"):
        check(costs=np.full(9, np.nan))


@pytest.mark.parametrize(
    ("probs", "what"),
    [
        ([[0.5, 0.6]], "a sum of 1.1 instead of 1 in row 0"),
        ([[0.5, 0.5], [0.0, 0.0]], "a sum of 0 instead of 1 in row 1"),
        ([[1.5, -0.5]], r"negative values \(lowest -0.5\) in row 0"),
        ([[2.0, -3.0, 1.0]], "softmax"),
    ],
)
def test_probabilities_that_are_none(probs: list[list[float]], what: str) -> None:
    with pytest.raises(SignalError, match=what):
        check(probs=np.array(probs))
    with pytest.raises(SignalError, match=what):
        check(mc_probs=np.array([probs]))


@pytest.mark.parametrize(
    "array", [np.float64(1), np.array(1.0), [[0.5, 0.5]], "x", 3, np.ones(4), np.ones((1, 2, 3))]
)
def test_not_a_matrix(array: object) -> None:
    with pytest.raises(SignalError, match=r"'mine' expects embeddings .*\(n, D\)"):
        check(embeddings=array)


@pytest.mark.parametrize("kind", [int, bool, complex, object, str])
def test_not_of_a_float_type(kind: type) -> None:
    with pytest.raises(SignalError, match="float type"):
        check(embeddings=np.ones((2, 2)).astype(kind))


def test_pools_of_different_sizes() -> None:
    with pytest.raises(SignalError, match="different pool sizes"):
        check(probs=np.ones((3, 1)), embeddings=np.ones((4, 2)))
    with pytest.raises(SignalError, match="different pool sizes"):
        alaas.query("random", budget=1, probs=np.ones((3, 1)), count=4)


def test_labelled_items_must_match() -> None:
    pool = np.ones((3, 2))
    with pytest.raises(SignalError, match="same encoder"):
        check(embeddings=pool, labelled_embeddings=np.ones((5, 3)))
    with pytest.raises(SignalError, match=r"labelled items: .*5.*4"):
        check(embeddings=pool, labelled_embeddings=np.ones((5, 2)), labels=np.zeros(4))
    assert check(embeddings=pool, labelled_embeddings=np.empty((0, 2)), labels=np.empty(0)) == 3


def test_unused_signals_are_not_read() -> None:
    signals = Signals(probs=np.full((3, 2), np.nan))
    assert check_signals("random", frozenset(), frozenset(), signals) == 3


def test_no_array_and_no_count() -> None:
    with pytest.raises(SignalError, match="count="):
        alaas.query("random", budget=1)
