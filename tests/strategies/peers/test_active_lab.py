"""ActiveLab's scores are 1 less those of cleanlab's get_active_learning_scores, on the same panels.

When cleanlab 2.9.0 looks for its temperature, it counts an item's answers while they are floats; value_counts
then puts the counts into the first classes instead of the answered ones. Its documentation means what ours
does, so that counting is mended here before scores are compared. Where no item has two answers there is no
temperature, and nothing is mended.

cleanlab takes the items with answers and those without apart, refuses annotators who said nothing, and draws
the consensus at random where votes, model, frequencies and annotators are all tied; no panel here has that.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies.active_lab import ActiveLab
from alaas.types import Signals

pytestmark = pytest.mark.peers


def theirs(probs: NDArray[np.float64], answers: NDArray[np.int64]) -> NDArray[np.float64]:
    multiannotator = pytest.importorskip("cleanlab.multiannotator")
    some = (answers >= 0).any(axis=1)
    panel = np.where(answers < 0, np.nan, answers)[some]
    panel = panel[:, ~np.isnan(panel).all(axis=0)]
    scores = np.empty(len(probs))
    scores[some], scores[~some] = multiannotator.get_active_learning_scores(
        labels_multiannotator=panel if some.any() else None,
        pred_probs=probs[some] if some.any() else None,
        pred_probs_unlabeled=None if some.all() else probs[~some],
    )
    return scores


@pytest.fixture
def _counts_by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    utilities = pytest.importorskip("cleanlab.internal.multiannotator_utils")
    count = utilities.value_counts
    monkeypatch.setattr(
        utilities,
        "value_counts",
        lambda labels, num_classes: count(labels.astype(int), num_classes=num_classes),
    )


@pytest.mark.usefixtures("_counts_by_class")
@pytest.mark.filterwarnings("ignore:Annotators do not agree on any example")
@pytest.mark.parametrize("classes", [2, 3, 8])
@pytest.mark.parametrize("annotators", [1, 2, 6])
@pytest.mark.parametrize("silence", [0.0, 0.3, 0.8, 0.97, 1.0])
@pytest.mark.parametrize("error", [0.05, 0.3, 0.9])
def test_scores_are_equal(classes: int, annotators: int, silence: float, error: float) -> None:
    rng = np.random.default_rng([classes, annotators, int(100 * silence), int(100 * error)])
    n = 200
    truth = rng.integers(classes, size=n)
    probs = 0.6 * rng.dirichlet(np.ones(classes), n) + 0.4 * np.eye(classes)[truth]
    wrong = rng.random((n, annotators)) < error
    answers = np.where(wrong, rng.integers(classes, size=(n, annotators)), truth[:, np.newaxis])
    answers[rng.random((n, annotators)) < silence] = -1
    ours = ActiveLab().score(Signals(probs=probs, answers=answers))
    np.testing.assert_allclose(1.0 - ours, theirs(probs, answers), rtol=1e-6)


@pytest.mark.parametrize("annotators", [1, 4])
def test_scores_are_equal_where_no_item_has_two_answers(annotators: int) -> None:
    rng = np.random.default_rng(annotators)
    probs = rng.dirichlet(np.ones(4), 100)
    answers = np.full((100, annotators), -1)
    answers[np.arange(70), rng.integers(annotators, size=70)] = rng.integers(4, size=70)
    ours = ActiveLab().score(Signals(probs=probs, answers=answers))
    np.testing.assert_allclose(1.0 - ours, theirs(probs, answers), rtol=1e-6)


@pytest.mark.usefixtures("_counts_by_class")
def test_certain_predictions_and_tied_votes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        probs = np.eye(3)[rng.integers(3, size=60)]
        probs[:30] = rng.dirichlet(np.ones(3), 30)
        answers = rng.integers(3, size=(60, 3))
        answers[40:, 0] = answers[50:, 2] = -1
        ours = ActiveLab().score(Signals(probs=probs, answers=answers))
        np.testing.assert_allclose(1.0 - ours, theirs(probs, answers), rtol=1e-6)
