"""ActiveLab against its definition, item by item and answer by answer."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import alaas
from alaas.errors import SignalError
from alaas.strategies._consensus import _majority
from alaas.strategies._temperature import fitting_temperature, tempered
from alaas.strategies.active_lab import ActiveLab
from alaas.types import Signals

Row = list[float]
Said = dict[int, int]
"""What was said of an item: annotator → class."""


def softened(row: Row, temperature: float, least: float = 1e-30) -> Row:
    powers = [max(p, least) ** (1.0 / temperature) for p in row]
    return [power / sum(powers) for power in powers]


def loss(rows: list[Row], said: list[Said], temperature: float) -> float:
    total = 0.0
    for row, answers in zip(rows, said, strict=True):
        soft = softened(row, temperature, least=0.0)
        total += sum(-np.log(max(soft[label], 1e-30)) for label in answers.values()) / len(answers)
    return total


def best_temperature(rows: list[Row], said: list[Said]) -> float:
    coarse = [0.1, 0.2, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 8.0]
    place = min(range(9), key=lambda i: loss(rows, said, coarse[i]))
    fine: list[float] = []
    if place > 0:
        fine += np.linspace(coarse[place - 1], coarse[place], 5).tolist()[:-1]
    if place < 8:
        fine += np.linspace(coarse[place], coarse[place + 1], 5).tolist()
    return min(fine, key=lambda temperature: loss(rows, said, temperature))


def majority(row: Row, answers: Said, frequency: Counter[int], siding: dict[int, float]) -> int:
    votes = Counter(answers.values())

    def rank(label: int) -> tuple[float, float, float, float, int]:
        those = [siding[annotator] for annotator, said in answers.items() if said == label]
        return votes[label], row[label], -frequency[label], float(np.mean(those)), -label

    return max(votes, key=rank)


def mean_or(values: list[float], otherwise: float) -> float:
    return float(np.mean(values)) if values else otherwise


def imputed(rates: dict[int, float | None]) -> dict[int, float]:
    mean = mean_or([rate for rate in rates.values() if rate is not None], 0.0)
    return {annotator: mean if rate is None else rate for annotator, rate in rates.items()}


def first_labels(rows: list[Row], said: list[Said]) -> list[int]:
    frequency = Counter(label for answers in said for label in answers.values())
    sides: dict[int, float | None] = {}
    for annotator in {annotator for answers in said for annotator in answers}:
        own = []
        for answers in said:
            ranked = Counter(answers.values()).most_common()
            clear = len(ranked) == 1 or ranked[0][1] > ranked[1][1]
            if clear and annotator in answers:
                own.append(float(answers[annotator] == ranked[0][0]))
        sides[annotator] = float(np.mean(own)) if own else None
    siding = imputed(sides)
    return [majority(row, answers, frequency, siding) for row, answers in zip(rows, said, strict=True)]


class Reference:
    """Weights and qualities for items that all have answers, some of them several."""

    def __init__(self, rows: list[Row], said: list[Said]) -> None:
        self.said, self.classes = said, len(rows[0])
        self.temperature = best_temperature(rows, said)
        self.rows = [softened(row, self.temperature) for row in rows]
        self.annotators = sorted({annotator for answers in said for annotator in answers})
        labels = first_labels(self.rows, said)
        self.weigh(labels)
        for item in range(len(rows)):
            posterior = self.posterior(item)
            if posterior.count(max(posterior)) == 1:
                labels[item] = posterior.index(max(posterior))
        self.weigh(labels)
        self.quality = [self.posterior(item)[label] for item, label in enumerate(labels)]

    def weigh(self, labels: list[int]) -> None:
        shared = [item for item, answers in enumerate(self.said) if len(answers) > 1]
        common = Counter(labels[item] for item in shared)
        most = min(label for label in common if common[label] == max(common.values()))
        guessing = max(1e-6, float(np.mean([labels[item] != most for item in shared])))
        agreements: dict[int, float | None] = {}
        for annotator in self.annotators:
            pairs = [
                float(other_label == answers[annotator])
                for answers in self.said
                if annotator in answers
                for other, other_label in answers.items()
                if other != annotator
            ]
            agreements[annotator] = float(np.mean(pairs)) if pairs else None
        self.weights = {
            annotator: max(1e-6, 1.0 - (1.0 - rate) / guessing)
            for annotator, rate in imputed(agreements).items()
        }
        wrong = np.mean([self.rows[item].index(max(self.rows[item])) != labels[item] for item in shared])
        answers_each = np.mean([len(answers) for answers in self.said])
        self.model = max(1e-6, 1.0 - float(wrong) / guessing) * float(np.sqrt(answers_each))
        self.likelihood = float(
            np.mean(
                [np.mean([label == labels[item] for label in self.said[item].values()]) for item in shared]
            )
        )

    def posterior(self, item: int) -> Row:
        values = []
        for label in range(self.classes):
            total, weight = self.model * self.rows[item][label], self.model
            for annotator, answer in self.said[item].items():
                other = (1.0 - self.likelihood) / (self.classes - 1)
                total += self.weights[annotator] * (self.likelihood if answer == label else other)
                weight += self.weights[annotator]
            values.append(total / weight)
        return values


def reference(probs: NDArray[np.floating], answers: NDArray[np.int64]) -> list[float]:
    rows, classes = probs.astype(float).tolist(), probs.shape[1]
    said = [{a: label for a, label in enumerate(row) if label >= 0} for row in answers.tolist()]
    annotators = sorted({annotator for row in said for annotator in row})
    items = [item for item, row in enumerate(said) if row]
    temperature, model, weights = 1.0, 1.0, dict.fromkeys(annotators, 1.0)
    quality = {item: softened(rows[item], 1.0)[next(iter(said[item].values()))] for item in items}
    if any(len(said[item]) > 1 for item in items):
        heard = Reference([rows[item] for item in items], [said[item] for item in items])
        temperature, model, weights = heard.temperature, heard.model, heard.weights
        quality = dict(zip(items, heard.quality, strict=True))
    average = mean_or(list(weights.values()), 1.0)
    scores = []
    for item, row in enumerate(rows):
        known = quality[item] if item in quality else max(softened(row, temperature))
        weight = model + sum(weights[annotator] for annotator in said[item])
        scores.append(1.0 - (known * weight + average / classes) / (weight + average))
    return scores


@st.composite
def panels(draw: st.DrawFn) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    n, classes, annotators = draw(st.integers(1, 25)), draw(st.integers(2, 5)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    truth = rng.integers(classes, size=n)
    probs = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.1, 1.0]))), n)
    probs = 0.5 * probs + 0.5 * np.eye(classes)[truth]
    if draw(st.booleans()):  # certain predictions
        probs[: n // 2] = np.eye(classes)[rng.integers(classes, size=n // 2)]
    errs = rng.random((n, annotators)) < draw(st.sampled_from([0.0, 0.2, 1.0]))
    answers = np.where(errs, rng.integers(classes, size=(n, annotators)), truth[:, np.newaxis])
    answers[rng.random((n, annotators)) < draw(st.sampled_from([0.0, 0.5, 0.9, 1.0]))] = -1
    return probs.astype(draw(st.sampled_from(["float32", "float64"]))), answers


@settings(max_examples=150, deadline=None)
@given(panel=panels())
def test_scores_equal_the_reference(panel: tuple[NDArray[np.floating], NDArray[np.int64]]) -> None:
    scores = ActiveLab().score(Signals(probs=panel[0], answers=panel[1]))
    np.testing.assert_allclose(scores, reference(*panel), rtol=1e-6, atol=1e-9)
    assert scores.min() >= 0.0
    assert scores.max() < 1.0


@given(seed=st.integers(0, 9999))
def test_tied_votes_go_by_the_model_then_by_rarity_then_by_the_better_annotator(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(-1, 3, size=(15, 4))
    answers[(answers < 0).all(axis=1), 0] = 0
    probs = np.full((15, 3), 1 / 3)  # the model is undecided, mostly
    probs[:5] = rng.dirichlet(np.ones(3), 5)
    said = [{a: label for a, label in enumerate(row) if label >= 0} for row in answers.tolist()]
    assert _majority(probs, 1.0, answers).tolist() == first_labels(probs.tolist(), said)


def test_disputed_items_come_before_new_ones_and_those_before_settled_ones() -> None:
    rng = np.random.default_rng(0)
    n = 300
    truth = rng.integers(3, size=n)
    probs = 0.7 * np.eye(3)[truth] + 0.1
    answers = np.repeat(truth[:, np.newaxis], 4, axis=1)
    disputed, new = np.arange(10), np.arange(10, 30)
    answers[disputed, :2] = (truth[disputed, np.newaxis] + [1, 2]) % 3
    answers[new] = -1
    scores = ActiveLab().score(Signals(probs=probs, answers=answers))
    settled = np.arange(30, n)
    assert scores[disputed].min() > scores[new].max() > scores[settled].max()


def test_a_worse_annotators_word_counts_less() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(4, size=400)
    answers = np.repeat(truth[:, np.newaxis], 4, axis=1)
    answers[:, 3] = np.where(rng.random(400) < 0.7, rng.integers(4, size=400), truth)
    answers[0], answers[1] = [truth[0], -1, -1, -1], [-1, -1, -1, truth[1]]
    probs = 0.6 * np.eye(4)[truth] + 0.1
    scores = ActiveLab().score(Signals(probs=probs, answers=answers))
    assert scores[1] > scores[0]


def test_without_answers_it_is_least_confidence() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(5), 50)
    silent = np.full((50, 3), -1)
    assert (
        alaas.query("active_lab", budget=50, probs=probs, answers=silent).tolist()
        == alaas.query("least_confidence", budget=50, probs=probs).tolist()
    )


def test_an_annotator_who_said_nothing_is_none() -> None:
    rng = np.random.default_rng(2)
    probs, answers = rng.dirichlet(np.ones(3), 40), rng.integers(-1, 3, size=(40, 3))
    silent = np.insert(answers, 1, -1, axis=1)
    np.testing.assert_array_equal(
        ActiveLab().score(Signals(probs=probs, answers=answers)),
        ActiveLab().score(Signals(probs=probs, answers=silent)),
    )


@pytest.mark.parametrize("temperature", [0.15, 0.5, 1.0, 2.5, 6.5])
def test_the_temperature_is_found_again(temperature: float) -> None:
    rng = np.random.default_rng(0)
    truth = rng.dirichlet(np.ones(4), 4000)
    answers = (truth.cumsum(axis=1)[:, np.newaxis] < rng.random((4000, 5, 1))).sum(axis=2)
    asked = tempered(truth, 1.0 / temperature)
    assert fitting_temperature(asked, np.minimum(answers, 3)) == pytest.approx(temperature, rel=0.15)


def test_one_class_is_always_known() -> None:
    scores = ActiveLab().score(Signals(probs=np.ones((3, 1)), answers=np.array([[0], [-1], [0]])))
    assert scores.tolist() == [0.0, 0.0, 0.0]


def test_answers_that_are_no_class_numbers_are_refused() -> None:
    for answers in ([[0], [2]], [[0], [-2]], [[0.5], [1.0]]):
        with pytest.raises(SignalError, match="answers as class numbers from -1 to 1"):
            alaas.query("active_lab", budget=1, probs=np.full((2, 2), 0.5), answers=answers)
