"""GALAXY and its bisection against graphs written out, with paths found by breadth-first search."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import SignalError
from alaas.strategies import build
from alaas.strategies._bisection import Line
from alaas.types import Selection, Signals


def links(kinds: list[bool | None], reach: int) -> int | None:
    """The number of links of a shortest path from one kind to the other in the graph of this reach."""
    n = len(kinds)
    edges = {
        place: [
            other
            for other in range(max(0, place - reach), min(n, place + reach + 1))
            if kinds[place] is None or kinds[other] is None or kinds[place] == kinds[other]
        ]
        for place in range(n)
    }
    seen = front = {place for place in range(n) if kinds[place] is True}
    for steps in itertools.count(1):
        front = {other for place in front for other in edges[place]} - seen
        if not front:
            return None
        if any(kinds[place] is False for place in front):
            return steps
        seen = seen | front
    raise AssertionError


class Graph:
    """A row of places, marked or not, whose reach grows as that of ``Line``."""

    def __init__(self, kinds: list[bool | None]) -> None:
        self.kinds = list(kinds)
        self.reach = 1

    def allowed(self) -> set[int]:
        """The places that may come next."""
        while (length := links(self.kinds, self.reach)) is None:
            self.reach += 1
        marks = [place for place, kind in enumerate(self.kinds) if kind is not None]
        if length == 2:
            values = {
                place: max(
                    min(abs(mark - place) for mark in marks if self.kinds[mark] is kind)
                    for kind in (True, False)
                )
                for place, kind in enumerate(self.kinds)
                if kind is None
            }
            assert min(values.values()) <= self.reach
            return {place for place, value in values.items() if value == min(values.values())}
        gaps = [(a, b) for a, b in itertools.pairwise(marks) if self.kinds[a] != self.kinds[b] and b - a > 1]
        least = min(b - a for a, b in gaps)
        assert length == -(-least // self.reach)
        return {(a + b) // 2 for a, b in gaps if b - a == least} | {
            (a + b + 1) // 2 for a, b in gaps if b - a == least
        }


@settings(max_examples=200, deadline=None)
@given(data=st.data(), seed=st.integers(0, 999))
def test_a_line_follows_shortest_paths_until_all_is_marked(data: st.DataObject, seed: int) -> None:
    choices = st.sampled_from([None, None, None, True, False])
    kinds = [*data.draw(st.lists(choices, max_size=25)), True, False]
    kinds = data.draw(st.permutations(kinds))
    marks = np.array([place for place, kind in enumerate(kinds) if kind is not None])
    rng = np.random.default_rng(seed)
    order = rng.permutation(marks)
    line = Line(len(kinds), order, np.array([kinds[place] for place in order]), rng)
    graph = Graph(kinds)
    while None in graph.kinds:
        place = line.next()
        assert place in graph.allowed()
        assert line._reach == graph.reach
        kind = bool(rng.random() < 0.5)
        graph.kinds[place] = kind
        line.mark(place, kind)


def test_equally_short_gaps_are_equally_likely() -> None:
    marks, kinds = np.array([0, 4, 8]), np.array([True, False, True])
    counts = np.bincount([Line(9, marks, kinds, np.random.default_rng(s)).next() for s in range(200)])
    assert counts.nonzero()[0].tolist() == [2, 6]
    assert counts.max() < 130


def select(budget: int, seed: int = 0, **arrays: object) -> Selection:
    signals = Signals(**arrays)  # type: ignore[arg-type]
    return build("galaxy").select(signals, budget, np.random.default_rng(seed))


def order_of(rows: NDArray[np.float64], number: int) -> list[int]:
    """Items from the least to the most likely one of a class."""
    keys = []
    for row in rows:
        best = max(row)
        keys.append((row[number] - best, row[number] if row[number] == best else 0.0))
    return sorted(range(len(rows)), key=keys.__getitem__)


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(1, 20),
    m=st.integers(2, 8),
    classes=st.integers(2, 3),
    dtype=st.sampled_from("fd"),
    data=st.data(),
)
def test_classes_take_turns_on_their_own_lines(
    n: int, m: int, classes: int, dtype: str, data: st.DataObject
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 9999)))
    rows = rng.dirichlet(np.full(classes, 0.6), n + m).astype(dtype)
    labels = rng.integers(classes, size=m)
    labels[:2] = [0, 1]
    picks = select(n, int(rng.integers(9)), probs=rows[:n], labelled_probs=rows[n:], labels=labels).indices
    assert sorted(picks.tolist()) == list(range(n))
    orders = {number: order_of(rows.astype(np.float64), number) for number in set(labels.tolist())}

    def consistent(turns: tuple[int, ...]) -> bool:
        graphs = {
            number: Graph([bool(labels[item - n] == number) if item >= n else None for item in order])
            for number, order in orders.items()
        }
        for pick, number in zip(picks.tolist(), itertools.cycle(turns), strict=False):
            if orders[number].index(pick) not in graphs[number].allowed():
                return False
            for other, order in orders.items():
                graphs[other].kinds[order.index(pick)] = bool(rows[pick].argmax() == other)
        return True

    assert any(consistent(turns) for turns in itertools.permutations(orders))


def test_bisects_towards_where_the_prediction_changes_and_then_goes_outwards() -> None:
    likely = np.arange(1, 16) / 16 + 0.01  # item 7 is the first that is predicted as class 1
    found = select(
        7,
        probs=np.stack([1.0 - likely, likely], axis=1),
        labelled_probs=np.array([[1.0, 0.0], [0.0, 1.0]]),
        labels=np.array([0, 1]),
    )
    assert found.indices[:4].tolist() == [7, 3, 5, 6]
    assert set(found.indices[4:].tolist()) == {4, 8, 9}
    assert np.isnan(found.scores).all()


def test_a_label_that_contradicts_the_model_is_looked_into() -> None:
    """A labelled item of class 1 where the model is sure of class 0 asks for its neighbours first."""
    likely = np.linspace(0.01, 0.99, 101)
    probs = np.stack([1.0 - likely, likely], axis=1)
    labelled = np.array([[0.9, 0.1], [0.875, 0.125], [0.85, 0.15], [0.01, 0.99]])
    picks = select(3, probs=probs, labelled_probs=labelled, labels=np.array([0, 1, 0, 1])).indices
    assert (np.abs(likely[picks] - 0.125) < 0.03).all()


def test_a_rare_class_gets_its_turns_beside_a_crowd_between_two_others() -> None:
    rng = np.random.default_rng(0)
    tilt, share = rng.uniform(-0.01, 0.01, 1000), np.linspace(0.05, 0.95, 30)
    crowd = np.stack([0.5 + tilt, 0.5 - tilt, np.zeros(1000)], axis=1)
    rare = np.stack([1.0 - share, np.zeros(30), share], axis=1)
    probs = np.concatenate([crowd, rare])
    picks = select(90, probs=probs, labelled_probs=np.eye(3), labels=np.arange(3)).indices
    assert (picks >= 1000).sum() >= 15  # of 30 turns, about ten lead out of the crowd
    assert (alaas.query("margin", budget=90, probs=probs) >= 1000).sum() <= 2


@pytest.mark.parametrize("labels", [[], [1, 1, 1]])
def test_fewer_than_two_classes_labelled_is_random(labels: list[int]) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "probs": rng.dirichlet(np.ones(3), 5),
        "labelled_probs": rng.dirichlet(np.ones(3), len(labels)),
        "labels": np.array(labels, dtype=int),
    }
    firsts = {int(select(1, seed, **arrays).indices[0]) for seed in range(80)}
    assert firsts == set(range(5))


def test_labels_that_are_no_class_numbers_are_refused() -> None:
    probs = np.full((4, 2), 0.5)
    with pytest.raises(SignalError, match="class numbers from 0 to 1"):
        alaas.query("galaxy", budget=1, probs=probs, labelled_probs=probs[:2], labels=[0, 2])
