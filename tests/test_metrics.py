"""Metrics and agreement, against naive references and published values."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, log_loss

from alaas.metrics import krippendorff_alpha, measure

CLASSES = ("a", "b", "c")


def naive_calibration_error(confidence, right):
    total = 0.0
    for number in range(15):
        low, high = number / 15, (number + 1) / 15
        inside = [i for i, c in enumerate(confidence) if low < c <= high or (number == 0 and c == 0)]
        if inside:
            gap = sum(confidence[i] for i in inside) / len(inside) - sum(right[i] for i in inside) / len(
                inside
            )
            total += len(inside) / len(confidence) * abs(gap)
    return total


def naive_class(truth, guess):
    hits = sum(t and g for t, g in zip(truth, guess, strict=True))
    precision = hits / sum(guess) if sum(guess) else 0.0
    recall = hits / sum(truth) if sum(truth) else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return precision, recall, f1, sum(truth)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 999))
def test_one_class_an_item_is_measured_as_by_hand(count, seed):
    rng = np.random.default_rng(seed)
    p, targets = rng.dirichlet(np.ones(3), count), rng.integers(3, size=count)
    found = measure(p, targets, CLASSES, "multi-class")
    guess = p.argmax(axis=1)
    assert found.count == count
    assert found.accuracy == pytest.approx((guess == targets).mean())
    assert found.log_loss == pytest.approx(log_loss(targets, p, labels=[0, 1, 2]))
    assert found.calibration_error == pytest.approx(naive_calibration_error(p.max(axis=1), guess == targets))
    seen = sorted({*guess, *targets})
    assert found.macro_f1 == pytest.approx(
        f1_score(targets, guess, labels=seen, average="macro", zero_division=0)
    )
    for k, name in enumerate(CLASSES):
        own = found.per_class[name]
        expected = naive_class(targets == k, guess == k)
        assert (own.precision, own.recall, own.f1, own.support) == pytest.approx(expected)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 999))
def test_several_classes_an_item_are_measured_as_by_hand(count, seed):
    rng = np.random.default_rng(seed)
    p, targets = rng.random((count, 3)), rng.random((count, 3)) < 0.4
    found = measure(p, targets, CLASSES, "multi-label")
    guess = p >= 0.5
    assert found.accuracy == pytest.approx((guess == targets).all(axis=1).mean())
    expected = np.mean([log_loss(targets[:, k], p[:, k], labels=[0, 1]) for k in range(3)])
    assert found.log_loss == pytest.approx(expected)
    assert found.calibration_error == pytest.approx(naive_calibration_error(p.ravel(), targets.ravel()))
    for k, name in enumerate(CLASSES):
        own = found.per_class[name]
        assert (own.precision, own.recall, own.f1, own.support) == pytest.approx(
            naive_class(targets[:, k], guess[:, k])
        )


def test_certain_errors_cost_much_but_not_everything():
    found = measure(np.array([[1.0, 0.0, 0.0]]), np.array([1]), CLASSES, "multi-class")
    assert found.log_loss == pytest.approx(-np.log(1e-12))
    assert found.calibration_error == 1
    assert found.macro_f1 == 0


def test_perfect_is_perfect():
    found = measure(np.eye(3, dtype=np.float32), np.arange(3), CLASSES, "multi-class")
    assert (found.accuracy, found.macro_f1, found.log_loss, found.calibration_error) == (1, 1, 0, 0)


def test_a_multi_label_task_without_any_label_is_measured():
    found = measure(np.full((4, 3), 0.1), np.zeros((4, 3), bool), CLASSES, "multi-label")
    assert (found.accuracy, found.macro_f1) == (1, 0)
    assert found.calibration_error == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("p", "targets"),
    [
        (np.ones((2, 2)), np.zeros(2, int)),
        (np.ones((2, 3)), np.zeros(3, int)),
        (np.ones((0, 3)), np.zeros(0, int)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(p, targets):
    with pytest.raises(ValueError, match="do not fit 3 classes"):
        measure(p, targets, CLASSES, "multi-class")


def naive_alpha(answers):
    """By the table of coincidences, pair by pair."""
    coincidences: Counter[tuple[int, int]] = Counter()
    for row in answers:
        said = [answer for answer in row if answer >= 0]
        for first, second in permutations(range(len(said)), 2):
            coincidences[said[first], said[second]] += 1 / (len(said) - 1)
    totals: Counter[int] = Counter()
    for (first, _), weight in coincidences.items():
        totals[first] += weight
    n = sum(totals.values())
    if len(totals) < 2:
        return None
    observed = sum(weight for (first, second), weight in coincidences.items() if first != second)
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b) / (n - 1)
    return 1 - observed / expected


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 999))
def test_agreement_is_that_of_the_table_of_coincidences(items, annotators, classes, seed):
    answers = np.random.default_rng(seed).integers(-1, classes, (items, annotators))
    assert krippendorff_alpha(answers) == pytest.approx(naive_alpha(answers))


def test_agreement_of_the_published_examples():
    # Krippendorff, 2011: B (two observers, α = 0.692) and C (four observers with gaps, α = 0.743).
    letters = {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}
    two = np.array([[letters[x], letters[y]] for x, y in zip("aabbdcccedda", "babbbccceddd", strict=True)])
    assert krippendorff_alpha(two) == pytest.approx(0.692, abs=5e-4)
    four = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    )
    assert krippendorff_alpha(four.T - 1) == pytest.approx(0.743, abs=5e-4)


def test_agreement_at_its_ends():
    assert krippendorff_alpha(np.array([[0, 0], [1, 1], [2, 2]])) == 1
    assert krippendorff_alpha(np.array([[0, 1], [1, 0]])) < 0
    assert krippendorff_alpha(np.array([[0, 0], [0, 0]])) is None
    assert krippendorff_alpha(np.array([[0, -1], [-1, 1]])) is None
    assert krippendorff_alpha(np.empty((0, 2), int)) is None
