"""Temperatures and Platt's lines, against what made the labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from alaas.learners._calibration import platt, softened, temperature_slope


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize("slope", [0.2, 1.0, 4.0])
def test_the_temperature_that_made_the_labels_is_found(slope):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 5))
    targets = (slope * logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    assert temperature_slope(logits, targets) == pytest.approx(slope, rel=0.1)


def test_a_few_labels_change_the_temperature_little():
    logits = np.array([[5.0, 0.0], [0.0, 5.0]])
    assert 0.1 < temperature_slope(logits, np.array([1, 0])) < 1
    assert 1 < temperature_slope(logits / 5, np.array([0, 1])) < 3


def test_the_lines_that_made_the_labels_are_found():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(8000, 3))
    slopes, offsets = np.array([0.5, 1.0, 3.0]), np.array([1.0, 0.0, -2.0])
    targets = rng.random(logits.shape) < sigmoid(slopes * logits + offsets)
    found = platt(logits, targets)
    np.testing.assert_allclose(found[0], slopes, rtol=0.12)
    np.testing.assert_allclose(found[1], offsets, atol=0.12)


def test_the_lines_are_the_optimum_that_scipy_finds():
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(size=(30, 4)) + 1
    targets = rng.random((30, 4)) < sigmoid(logits) * [1, 0.5, 0.1, 0]
    slopes, offsets = platt(logits, targets)
    for k in range(4):
        wanted = softened(targets)[:, k]

        def loss(line, k=k, wanted=wanted):
            z = line[0] * logits[:, k] + line[1]
            return (np.logaddexp(0, z) - wanted * z).sum() + ((line[0] - 1) ** 2 + line[1] ** 2) / 2

        best = minimize(loss, [1.0, 0.0], bounds=[(0.05, None), (None, None)]).x
        np.testing.assert_allclose([slopes[k], offsets[k]], best, atol=0.01)


def test_targets_are_drawn_to_the_middle_by_one_label():
    targets = np.array([[True, False], [False, False], [True, False]])
    np.testing.assert_allclose(softened(targets), [[3 / 4, 1 / 5], [1 / 3, 1 / 5], [3 / 4, 1 / 5]])
