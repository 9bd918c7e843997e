"""ActiveLab: which items to label, and which to label once more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._checks import class_numbers, given
from alaas.strategies._consensus import consensus
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies._temperature import tempered
from alaas.types import Signals

_ROWS_BYTES = 1 << 20
"""A block and its temporaries stay in a core's own cache."""


@dataclass(frozen=True, kw_only=True)
class ActiveLab(ScoreStrategy):
    """Pick the items whose label is least certain after all that the model and the annotators said.

    Needs probs, shape (n, C), out of sample, and answers, shape (n, A): class numbers, -1 where an annotator
    said nothing. Items with answers compete with new ones: a pick is one more answer to ask for. The model's
    probabilities are brought to the temperature that fits the answers; annotators are trusted more the more
    they agree with each other, and the model the more it agrees with the consensus; an item's consensus
    label, and how likely that is, follow from all answers weighted by trust. The score is 1 less a mean of
    this likelihood, which weighs as much as all who spoke, and of 1/C, which weighs as much as an average
    annotator: from 0 to below 1. A new item's likelihood is the model's largest probability. Of classes with
    equally many answers the model's likelier one counts, then the rarer, then the better annotators', then
    the lowest. Where no item has two answers there is nothing to compare: the model and each annotator weigh
    1, and the answer is the consensus. With no answer at all, items come in the order of least_confidence;
    with one class all score 0.

    Cost: O(n·(C + A)) time, O(n·A) memory and a copy of the probs of the items with answers.
    When: labels come from several fallible people, and an item may be labelled again.

    Reference: Goh & Mueller, 2023, https://arxiv.org/abs/2301.11856; Goh, Tkachenko & Mueller, 2022,
    https://arxiv.org/abs/2210.06812
    """

    family = "learner"
    needs = frozenset({"probs", "answers"})

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """1 - how well each item's label is known."""
        probs = given(signals.probs)
        n, classes = probs.shape
        answers = class_numbers(self.name, given(signals.answers), classes, name="answers", least=-1)
        if classes == 1:
            return np.zeros(n)
        spoke = answers >= 0
        answers, spoke = answers[:, spoke.any(axis=0)], spoke[:, spoke.any(axis=0)]
        answered = np.flatnonzero(spoke.any(axis=1))
        heard = consensus(probs if len(answered) == n else probs[answered], answers[answered])
        quality = np.empty(n)
        for start, rows in blocks(probs, _ROWS_BYTES):
            quality[start : start + len(rows)] = tempered(rows, heard.temperature).max(axis=1)
        quality[answered] = heard.quality
        weights = heard.trust.model + spoke @ heard.trust.annotators
        average = float(heard.trust.annotators.mean()) if len(answered) else 1.0
        known: NDArray[np.float64] = (weights * quality + average / classes) / (weights + average)
        return 1.0 - known
