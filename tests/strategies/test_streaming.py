"""One pass over probabilities: the best are kept, compiled kernels agree with numpy, bad rows are named."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import SignalError
from alaas.strategies import _best, _compiled, build
from alaas.strategies._best import Best
from alaas.strategies._scan import scan
from alaas.strategies._scores import two_largest
from alaas.types import Signals

NAMES = ("least_confidence", "margin", "ratio", "entropy")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_best_are_those_of_a_sort_with_all_that_tie(data: st.DataObject) -> None:
    scores = np.array(data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=80)), dtype=float)
    count, block = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 20))
    slack = data.draw(st.sampled_from([0.0, 2.5]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_best, "_FEWEST", data.draw(st.integers(1, 30)))
        best = Best(count, slack)
    starts = data.draw(st.permutations(range(0, len(scores), block)))
    for start in starts:
        best.offer(start, scores[start : start + block])
    rows, found = best.rows()
    bar = np.sort(scores)[::-1][min(count, len(scores)) - 1] - slack
    expected = np.flatnonzero(scores >= bar) if count < len(scores) else np.arange(len(scores))
    assert rows.tolist() == expected.tolist()
    assert found.tolist() == scores[expected].tolist()


@pytest.mark.parametrize("rows", [1, 1000, 100_000])
def test_a_scan_sees_every_row_once(rows: int) -> None:
    array = np.arange(rows * 40, dtype=np.float32).reshape(rows, 40)
    seen, lock = np.zeros(rows, dtype=int), threading.Lock()

    def sink(start: int, scores: NDArray[np.float64]) -> None:
        with lock:
            seen[start : start + len(scores)] += 1
        assert np.array_equal(scores, array[start : start + len(scores), 0])

    scan(array, lambda _, block: block[:, 0].astype(np.float64), sink)
    assert (seen == 1).all()


def test_what_is_raised_in_a_scan_comes_out() -> None:
    def judge(start: int, _rows: NDArray[np.floating]) -> NDArray[np.float64]:
        raise ZeroDivisionError(start)

    with pytest.raises(ZeroDivisionError):
        scan(np.zeros((100_000, 40), dtype=np.float32), judge, lambda *_: None)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled kernels for pools of any size."""
    pytest.importorskip("numba")
    monkeypatch.setattr(_compiled, "WORTH", 0)


def rows_of(seed: int, classes: int) -> NDArray[np.float32]:
    """Rows of all kinds: even, peaked, tied, with exact zeros and ones."""
    rng = np.random.default_rng(seed)
    kinds = [rng.dirichlet(np.full(classes, alpha), 30) for alpha in (0.01, 0.1, 1.0, 100.0)]
    kinds += [np.eye(classes)[rng.integers(classes, size=5)], np.full((3, classes), 1.0 / classes)]
    return rng.permutation(np.concatenate(kinds).astype(np.float32))


@pytest.mark.parametrize("classes", [1, 2, 3, 7, 8, 9, 100, 1000])
@pytest.mark.usefixtures("compiled")
def test_compiled_kernels_agree_with_numpy(classes: int) -> None:
    rows = rows_of(0, classes)
    found = _compiled.two_largest(rows, 0.01)
    assert found.sound
    assert np.array_equal(found.values, two_largest(rows))
    exact = build("entropy").score(Signals(probs=rows.astype(np.float64)))  # type: ignore[attr-defined]
    entropies = _compiled.entropy(rows, 0.01)
    assert entropies.sound
    assert np.abs(entropies.values - exact).max() < _compiled.ENTROPY_ERROR


@pytest.mark.usefixtures("compiled")
def test_the_second_is_left_out_only_where_it_does_not_matter() -> None:
    rows = np.concatenate([rows_of(seed, 9) for seed in range(10)])
    first, second = two_largest(rows)
    for slope, offset in ((1.0, -0.001), (1.0, -0.3), (0.5, 0.0), (0.0, 2.0), (0.9, 0.0)):
        found = _compiled.two_largest(rows, 0.01, (slope, offset)).values
        assert np.array_equal(found[0], first)
        left_out = found[1] != second
        assert left_out.any()
        assert not found[1][left_out].any()
        assert (second < slope * first + offset)[left_out].all()


@pytest.mark.parametrize("name", ["margin", "ratio"])
@given(first=st.floats(0.01, 1.0), second=st.floats(0.0, 1.0), bar=st.floats(-1.0, 1.0))
def test_what_is_left_out_cannot_reach_the_bar(name: str, first: float, second: float, bar: float) -> None:
    strategy = build(name)
    second = min(second, first, 1.01 - first)
    score = float(strategy.of(np.array([first]), np.array([second]))[0])  # type: ignore[attr-defined]
    slope, offset = strategy.least(bar)  # type: ignore[attr-defined]
    if second < slope * first + offset:
        assert score <= bar + 1e-12


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.usefixtures("compiled")
def test_compiled_or_not_the_picks_are_the_same(
    name: str, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    probs = np.concatenate([rows_of(seed, 20) for seed in range(60)]).astype(dtype)
    fast = build(name).select(Signals(probs=probs), 500, np.random.default_rng(0))
    monkeypatch.setattr(_compiled, "WORTH", 1 << 60)
    slow = build(name).select(Signals(probs=probs), 500, np.random.default_rng(0))
    assert fast.indices.tolist() == slow.indices.tolist()
    assert fast.scores.tolist() == slow.scores.tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "said"),
    [(np.nan, "NaN"), (-np.nan, "NaN"), (np.inf, "NaN or inf"), (-0.5, "negative"), (3.0, "sum")],
)
@pytest.mark.usefixtures("compiled")
def test_bad_rows_are_named(name: str, value: float, said: str) -> None:
    for probs in (rows_of(0, 4), rows_of(0, 4).astype(np.float64)):
        probs[17, 2] = value
        with pytest.raises(SignalError, match=f"{said}.*row 17"):
            alaas.query(name, budget=3, probs=probs)


@pytest.mark.usefixtures("compiled")
def test_what_rounding_leaves_below_zero_is_zero() -> None:
    probs = np.array([[1.0005, -0.0005, 0.0], [0.4, 0.4, 0.2]], dtype=np.float32)
    for name in NAMES:
        found = build(name).select(Signals(probs=probs), 2, np.random.default_rng(0))
        assert found.indices.tolist() == [1, 0]
        assert np.isfinite(found.scores).all()
