"""The score strategies against sorted, obviously correct references."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.strategies import _compiled, build
from alaas.strategies._best import Best
from alaas.strategies._scores import ScoreStrategy, largest, two_largest
from alaas.types import Signals

Row = list[float]


def _least_confidence(row: Row) -> float:
    return 1.0 - max(row)


def _margin(row: Row) -> float:
    first, second = sorted([*row, 0.0], reverse=True)[:2]
    return 1.0 - (first - second)


def _ratio(row: Row) -> float:
    first, second = sorted([*row, 0.0], reverse=True)[:2]
    return second / first


def _entropy(row: Row) -> float:
    return -sum(p * math.log(p) for p in row if p > 0)


REFERENCES: dict[str, Callable[[Row], float]] = {
    "least_confidence": _least_confidence,
    "margin": _margin,
    "ratio": _ratio,
    "entropy": _entropy,
}


@st.composite
def probabilities(draw: st.DrawFn) -> NDArray[np.float64]:
    n, classes = draw(st.integers(1, 30)), draw(st.sampled_from([1, 2, 3, 5, 10, 31, 32, 33, 64, 67, 130]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    probs = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.02, 0.3, 1.0, 10.0]))), n)
    if draw(st.booleans()):  # exact zeros, ones and ties
        probs = np.round(probs, 1)
        probs[:, 0] += 1.0 - probs.sum(axis=1)
        probs = np.abs(probs) / np.abs(probs).sum(axis=1, keepdims=True)
    return probs


def _scores(name: str, probs: NDArray[np.floating]) -> NDArray[np.float64]:
    strategy = build(name)
    assert isinstance(strategy, ScoreStrategy)
    return strategy.score(Signals(probs=probs))


@pytest.mark.parametrize("name", REFERENCES)
@given(probs=probabilities(), dtype=st.sampled_from(["float16", "float32", "float64"]))
def test_scores_equal_the_reference(name: str, probs: NDArray[np.float64], dtype: str) -> None:
    probs = probs.astype(dtype)
    expected = [REFERENCES[name]([float(p) for p in row]) for row in probs]
    np.testing.assert_allclose(_scores(name, probs), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", REFERENCES)
@given(probs=probabilities(), budget=st.integers(1, 30), seed=st.integers(0, 99))
def test_picks_are_the_best_in_order(name: str, probs: NDArray[np.float64], budget: int, seed: int) -> None:
    scores = _scores(name, probs)
    picks = alaas.query(name, budget=budget, probs=probs, seed=seed)
    np.testing.assert_array_equal(scores[picks], np.sort(scores)[::-1][:budget])


@given(probs=probabilities())
def test_two_largest_is_a_sort(probs: NDArray[np.float64]) -> None:
    ranked = np.sort(np.column_stack([probs, np.zeros(len(probs))]), axis=1)
    first, second = two_largest(probs)
    np.testing.assert_array_equal(first, ranked[:, -1])
    np.testing.assert_array_equal(second, ranked[:, -2])
    np.testing.assert_array_equal(largest(probs), ranked[:, -1])


@pytest.mark.parametrize("name", REFERENCES)
def test_certain_is_exactly_zero(name: str) -> None:
    for dtype in ("float16", "float32", "float64"):
        assert _scores(name, np.eye(5, dtype=dtype)).tolist() == [0.0] * 5


@pytest.mark.parametrize(("name", "best"), [("margin", 1.0), ("ratio", 1.0), ("entropy", math.log(4))])
def test_undecided_is_the_most_wanted(name: str, best: float) -> None:
    assert _scores(name, np.full((1, 4), 0.25))[0] == pytest.approx(best, abs=1e-15)


def test_rounding_below_zero_counts_as_zero() -> None:
    probs = np.array([[1.0 + 1e-7, -1e-7], [0.5, 0.5]])
    for name in REFERENCES:
        assert alaas.query(name, budget=1, probs=probs).tolist() == [1]
        assert np.isfinite(_scores(name, probs)).all()


@pytest.mark.parametrize("worth", [0, 1 << 60], ids=["compiled", "numpy"])
@pytest.mark.parametrize("name", ["margin", "entropy"])
def test_a_pass_over_a_file_is_flat_in_memory(name: str, worth: int, tmp_path: Path) -> None:
    rows, classes = 1 << 19, 64  # 128 MiB of float32; the scores themselves take 4 MiB
    path = tmp_path / "probs.npy"
    written = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, classes))
    block = np.random.default_rng(0).dirichlet(np.ones(classes), 1 << 14).astype(np.float32)
    for start in range(0, rows, len(block)):
        written[start : start + len(block)] = block
    written.flush()
    del written
    probs = np.load(path, mmap_mode="r")
    strategy, process = build(name), psutil.Process()
    if _compiled.worth(probs):
        _compiled._kernels()  # a compiler takes memory of its own, once
    resident = [process.memory_info().rss]  # before the checks, which read the file too
    original = Best.offer

    def watched(self: Best, start: int, scores: NDArray[np.float64]) -> None:
        resident.append(process.memory_info().rss)
        original(self, start, scores)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Best, "offer", watched)
        patch.setattr(_compiled, "WORTH", worth)
        picks = strategy.select(Signals(probs=probs), 10, np.random.default_rng(0)).indices
    assert len(picks) == 10
    assert max(resident) - resident[0] < 64 << 20
