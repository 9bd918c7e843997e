"""How labelled items are dealt into folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.learners import Lesson, cross_fit, deal
from alaas.learners.linear import Linear
from alaas.testing.learners import example_lesson


def lesson_of(targets, features=None):
    count = int(targets.max()) + 1
    rows = np.arange(len(targets), dtype=np.float32)[:, None] if features is None else features
    return Lesson(kind="multi-class", classes=tuple(map(str, range(count))), features=rows, targets=targets)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=12, max_size=80), st.integers(2, 6), st.integers(0, 99))
def test_each_class_is_spread_over_all_folds(numbers, folds, seed):
    targets = np.array(numbers, np.int64)
    dealt = deal(lesson_of(targets), folds, np.random.default_rng(seed))
    if dealt is None:
        assert np.sum(np.bincount(targets) >= 2) < 2
        return
    sizes = np.bincount(dealt, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    for number in set(numbers):
        own = np.bincount(dealt[targets == number], minlength=folds)
        assert own.max() - own.min() <= 1


def test_copies_stay_together():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(20, 3)).astype(np.float32)[rng.integers(20, size=100)]
    targets = rng.integers(3, size=100)
    dealt = deal(lesson_of(targets, features), 5, rng)
    assert dealt is not None
    for row in np.unique(features, axis=0):
        assert len(set(dealt[(features == row).all(axis=1)])) == 1


def test_too_few_labels_say_nothing():
    few = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0])
    assert deal(lesson_of(few), 5, np.random.default_rng(0)) is None
    assert deal(lesson_of(np.append(few, 1)), 5, np.random.default_rng(0)) is not None
    one_class = np.zeros(50, np.int64)
    assert deal(lesson_of(one_class), 5, np.random.default_rng(0)) is None
    one_of_the_other = np.append(one_class, 1)
    assert deal(lesson_of(one_of_the_other), 5, np.random.default_rng(0)) is None
    assert cross_fit(Linear(), lesson_of(few), 5, np.random.default_rng(0)) is None


def test_a_class_with_one_label_breaks_nothing():
    lesson = example_lesson(count=31, classes=3)
    targets = lesson.targets.copy()
    targets[targets == 2] = 1
    targets[7] = 2
    p = cross_fit(Linear(), replace(lesson, targets=targets), 5, np.random.default_rng(0))
    assert p is not None
    assert np.isfinite(p).all()
    assert 0 < p[7, 2] < 0.2


def test_the_rarest_class_of_several_decides():
    rng = np.random.default_rng(0)
    targets = rng.random((100, 3)) < [0.9, 0.5, 0.1]
    lesson = Lesson(
        kind="multi-label", classes=("a", "b", "c"), features=rng.normal(size=(100, 2)), targets=targets
    )
    dealt = deal(lesson, 5, rng)
    assert dealt is not None
    rare = np.bincount(dealt[targets[:, 2]], minlength=5)
    assert rare.max() - rare.min() <= 1
