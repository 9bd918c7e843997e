"""The contract suite of ``Learner``: subclass ``LearnerSuite`` in your tests and say how to make one.

class TestMyLearner(LearnerSuite):
    def make(self) -> Learner:
        return MyLearner()
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.learners import Fitted, Kind, Learner, Lesson, cross_fit
from alaas.types import Floats

_SUM = 1e-4
"""How far a row of float32 probabilities may be from 1."""


def example_lesson(
    kind: Kind = "multi-class", *, count: int = 60, classes: int = 3, dimensions: int = 8, seed: int = 0
) -> Lesson:
    """Labelled items in clusters, one a class; in a multi-label task an item has one or two classes."""
    rng = np.random.default_rng(seed)
    own = np.arange(count) % classes
    centres = 4.0 * rng.normal(size=(classes, dimensions))
    features = (centres[own] + rng.normal(size=(count, dimensions))).astype(np.float32)
    names = tuple(f"class {number}" for number in range(classes))
    if kind == "multi-class":
        return Lesson(kind=kind, classes=names, features=features, targets=own.astype(np.int64))
    targets = own[:, None] == np.arange(classes)
    targets[:, 0] |= features[:, 0] > 0
    return Lesson(kind=kind, classes=names, features=features, targets=targets)


def check_probabilities(
    fitted: Fitted, lesson: Lesson, probabilities: NDArray[np.float32], rows: int
) -> None:
    """Shape, type, range and sums.

    Raises:
        AssertionError: one of them is not as promised.
    """
    assert probabilities.shape == (rows, len(lesson.classes))
    assert probabilities.dtype == np.float32
    assert np.isfinite(probabilities).all()
    assert ((probabilities >= 0) & (probabilities <= 1 + _SUM)).all()
    if fitted.kind == "multi-class":
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=_SUM)


class LearnerSuite:
    """What every learner on features promises. Kinds that a learner does not know are left out."""

    @abstractmethod
    def make(self) -> Learner:
        """The learner under test."""

    @pytest.fixture
    def learner(self) -> Learner:
        """A learner."""
        return self.make()

    @pytest.fixture(params=["multi-class", "multi-label"])
    def lesson(self, request: pytest.FixtureRequest, learner: Learner) -> Lesson:
        """A lesson of each kind that the learner knows."""
        if request.param not in learner.kinds:
            pytest.skip(f"{learner.name} knows no {request.param} task")
        return example_lesson(request.param)

    def fit(self, learner: Learner, lesson: Lesson, seed: int = 0) -> Fitted:
        """Fit, with randomness of its own."""
        return learner.fit(lesson, np.random.default_rng(seed))

    def test_it_is_a_documented_frozen_dataclass(self, learner: Learner) -> None:
        """Parameters are keyword-only fields; the class has a name and says what it does."""
        cls = type(learner)
        assert "__dataclass_fields__" in vars(cls)
        assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert all(field.kw_only for field in dataclasses.fields(cls))  # type: ignore[arg-type]
        assert isinstance(cls.name, str)
        assert cls.__doc__
        assert not cls.__doc__.startswith(f"{cls.__name__}(")

    def test_it_says_what_it_was_fitted_on(self, learner: Learner, lesson: Lesson) -> None:
        """Kind, classes and D."""
        fitted = self.fit(learner, lesson)
        assert fitted.kind == lesson.kind
        assert fitted.classes == lesson.classes
        assert fitted.dimensions == lesson.features.shape[1]

    def test_probabilities_are_probabilities(self, learner: Learner, lesson: Lesson) -> None:
        """For one item, for many and for none."""
        fitted = self.fit(learner, lesson)
        for rows in (1, 60, 0):
            check_probabilities(fitted, lesson, fitted.predict_proba(lesson.features[:rows]), rows)

    def test_it_learns(self, learner: Learner, lesson: Lesson) -> None:
        """Clusters far from each other are told apart, on items that it has not seen too."""
        fitted = self.fit(learner, lesson)
        p = fitted.predict_proba(lesson.features)
        if lesson.kind == "multi-class":
            assert (p.argmax(axis=1) == lesson.targets).mean() > 0.9
        else:
            assert ((p > 0.5) == lesson.targets).mean() > 0.8

    def test_other_floats_will_do(self, learner: Learner, lesson: Lesson) -> None:
        """Features to predict may be float16, float64 or not in C order."""
        fitted = self.fit(learner, lesson)
        expected = fitted.predict_proba(lesson.features)
        for other in (lesson.features.astype(np.float64), np.asfortranarray(lesson.features)):
            np.testing.assert_allclose(fitted.predict_proba(other), expected, atol=1e-4)
        np.testing.assert_allclose(
            fitted.predict_proba(lesson.features.astype(np.float16)), expected, atol=0.1
        )

    def test_inputs_are_left_alone(self, learner: Learner, lesson: Lesson) -> None:
        """Fitting and predicting write to neither features nor targets."""
        features, targets = lesson.features.copy(), lesson.targets.copy()
        for array in (features, targets):
            array.flags.writeable = False
        frozen = dataclasses.replace(lesson, features=features, targets=targets)
        self.fit(learner, frozen).predict_proba(features)

    def test_the_same_lesson_and_seed_give_the_same(self, learner: Learner, lesson: Lesson) -> None:
        """To the byte."""
        first, second = self.fit(learner, lesson, seed=3), self.fit(learner, lesson, seed=3)
        assert first.dump() == second.dump()

    def test_global_randomness_is_left_alone(self, learner: Learner, lesson: Lesson) -> None:
        """Chance comes from ``rng`` alone."""
        np.random.seed(1)  # noqa: NPY002 - the very thing that must not matter
        first = self.fit(learner, lesson)
        before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
        second = self.fit(learner, lesson)
        assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002
        assert first.dump() == second.dump()

    def test_it_comes_back_from_bytes(self, learner: Learner, lesson: Lesson) -> None:
        """With everything it can do, and the same bytes again."""
        fitted = self.fit(learner, lesson)
        data = fitted.dump()
        again = learner.restore(data)
        assert (again.kind, again.classes, again.dimensions) == (
            fitted.kind, fitted.classes, fitted.dimensions,
        )  # fmt: skip
        for ask in (Fitted.predict_proba, _members):
            first, second = ask(fitted, lesson.features), ask(again, lesson.features)
            assert (first is None) == (second is None)
            if first is not None:
                np.testing.assert_array_equal(first, second)
        assert again.dump() == data

    def test_bytes_hold_no_pickle(self, learner: Learner, lesson: Lesson) -> None:
        """Whoever reads them runs nothing."""
        import pickletools

        data = self.fit(learner, lesson).dump()
        with pytest.raises(ValueError, match=r".*"):
            list(pickletools.genops(data))

    @pytest.mark.parametrize("data", [b"", b"something else", b"\x80\x04N."])
    def test_other_bytes_are_refused(self, learner: Learner, data: bytes) -> None:
        """With an error of ours."""
        with pytest.raises(LearnerError):
            learner.restore(data)

    def test_cut_bytes_are_refused(self, learner: Learner, lesson: Lesson) -> None:
        """Wherever they end."""
        data = self.fit(learner, lesson).dump()
        for end in (1, len(data) // 2, len(data) - 1):
            with pytest.raises(LearnerError):
                learner.restore(data[:end])

    def test_two_labels_are_enough(self, learner: Learner, lesson: Lesson) -> None:
        """One of each of two classes."""
        few = dataclasses.replace(lesson, features=lesson.features[1:3], targets=lesson.targets[1:3])
        fitted = self.fit(learner, few)
        p = fitted.predict_proba(lesson.features)
        check_probabilities(fitted, few, p, len(p))
        assert p[1, 1] > p[2, 1]
        assert p[2, 2] > p[1, 2]

    def test_one_label_is_modest(self, learner: Learner, lesson: Lesson) -> None:
        """It is not certain of the only class it has seen, and rules no other out."""
        one = dataclasses.replace(lesson, features=lesson.features[1:2], targets=lesson.targets[1:2])
        fitted = self.fit(learner, one)
        p = fitted.predict_proba(lesson.features)
        check_probabilities(fitted, one, p, len(p))
        assert p.max() < 0.99
        if lesson.kind == "multi-class":
            assert p.min() > 0

    def test_one_class_alone_is_possible(self, learner: Learner, lesson: Lesson) -> None:
        """A project that has one class so far."""
        targets = lesson.targets * 0 if lesson.kind == "multi-class" else lesson.targets[:, :1]
        alone = dataclasses.replace(lesson, classes=lesson.classes[:1], targets=targets)
        fitted = self.fit(learner, alone)
        check_probabilities(fitted, alone, fitted.predict_proba(lesson.features), 60)

    def test_classes_without_a_label_keep_a_little(self, learner: Learner, lesson: Lesson) -> None:
        """More than nothing, and less than a class that was seen."""
        wider = with_classes(lesson, 2)
        p = self.fit(learner, wider).predict_proba(lesson.features)
        check_probabilities(self.fit(learner, wider), wider, p, 60)
        assert p[:, 3:].min() > 0
        assert p[:, 3:].mean() < p[:, :3].mean()

    def test_classes_may_appear_later(self, learner: Learner, lesson: Lesson) -> None:
        """What was fitted on fewer classes is a start for more."""
        before = self.fit(learner, lesson)
        later = dataclasses.replace(with_classes(lesson, 1), previous=before)
        fitted = self.fit(learner, later)
        assert fitted.classes == later.classes
        check_probabilities(fitted, later, fitted.predict_proba(lesson.features), 60)

    def test_another_task_before_does_no_harm(self, learner: Learner, lesson: Lesson) -> None:
        """Renamed classes, or features of another width: it starts afresh."""
        renamed = dataclasses.replace(lesson, classes=("x", "y", "z"))
        narrow = dataclasses.replace(lesson, features=lesson.features[:, :4])
        fresh = self.fit(learner, lesson).dump()
        for other in (renamed, narrow):
            before = self.fit(learner, other)
            assert self.fit(learner, dataclasses.replace(lesson, previous=before)).dump() == fresh

    def test_equal_and_constant_features_do_no_harm(self, learner: Learner, lesson: Lesson) -> None:
        """Copies of one item with different labels, and columns that never change."""
        same = np.repeat(lesson.features[:1], 60, axis=0)
        fitted = self.fit(learner, dataclasses.replace(lesson, features=same))
        check_probabilities(fitted, lesson, fitted.predict_proba(same), 60)
        nothing = np.zeros_like(lesson.features)
        fitted = self.fit(learner, dataclasses.replace(lesson, features=nothing))
        check_probabilities(fitted, lesson, fitted.predict_proba(lesson.features), 60)

    def test_members_are_probabilities_and_differ(self, learner: Learner, lesson: Lesson) -> None:
        """At most as many as were asked for, and not all the same."""
        fitted = self.fit(learner, lesson)
        found = fitted.mc_proba(lesson.features, 3)
        if found is None:
            pytest.skip(f"{learner.name} has no ensemble")
        assert found.ndim == 3
        assert 1 <= len(found) <= 3
        for member in found:
            check_probabilities(fitted, lesson, member, 60)
        if len(found) > 1:
            assert np.abs(found[0] - found[1]).max() > 0

    def test_weights_are_the_layer(self, learner: Learner, lesson: Lesson) -> None:
        """Softmax or sigmoids of what they give are the probabilities: an export needs nothing else."""
        fitted = self.fit(learner, lesson)
        weights = fitted.weights
        if weights is None:
            pytest.skip(f"{learner.name} is not linear")
        assert weights.shape == (3, 9)
        assert weights.dtype == np.float32
        logits = lesson.features @ weights[:, :-1].T + weights[:, -1]
        powers = np.exp(logits - (logits.max(axis=1, keepdims=True) if lesson.kind == "multi-class" else 0))
        total = powers.sum(axis=1, keepdims=True) if lesson.kind == "multi-class" else 1 + powers
        np.testing.assert_allclose(powers / total, fitted.predict_proba(lesson.features), atol=1e-5)

    def test_threads_may_ask_at_once(self, learner: Learner, lesson: Lesson) -> None:
        """And get what one alone gets."""
        fitted = self.fit(learner, lesson)
        expected = fitted.predict_proba(lesson.features)
        with ThreadPoolExecutor(4) as threads:
            for found in threads.map(lambda _: fitted.predict_proba(lesson.features), range(16)):
                np.testing.assert_array_equal(found, expected)

    def test_cross_fitting_says_something_of_each_item(self, learner: Learner, lesson: Lesson) -> None:
        """Out-of-fold probabilities, mostly right on clusters."""
        p = cross_fit(learner, lesson, 5, np.random.default_rng(0))
        assert p is not None
        check_probabilities(self.fit(learner, lesson), lesson, p, 60)
        if lesson.kind == "multi-class":
            assert (p.argmax(axis=1) == lesson.targets).mean() > 0.9

    @pytest.mark.parametrize(
        "wrong", ["nan", "infinite", "rows", "range", "negative", "empty", "flat", "none"]
    )
    def test_a_lesson_that_does_not_fit_is_refused(
        self, learner: Learner, lesson: Lesson, wrong: str
    ) -> None:
        """With an error that names the learner."""
        with pytest.raises(LearnerError, match=learner.name):
            self.fit(learner, broken(lesson, wrong))

    def test_features_that_do_not_fit_are_refused(self, learner: Learner, lesson: Lesson) -> None:
        """Another width, another number of axes, or values that are not finite."""
        fitted = self.fit(learner, lesson)
        wrong: list[Floats] = [lesson.features[:, :5], lesson.features[0]]
        for value in (np.nan, np.inf):
            features = lesson.features.copy()
            features[7, 2] = value
            wrong.append(features)
        for features in wrong:
            with pytest.raises(LearnerError, match=learner.name):
                fitted.predict_proba(features)


def with_classes(lesson: Lesson, more: int) -> Lesson:
    """The same lesson with classes at the end that no item has."""
    classes = (*lesson.classes, *(f"later {number}" for number in range(more)))
    targets: NDArray[Any] = lesson.targets
    if lesson.kind == "multi-label":
        targets = np.column_stack([targets, np.zeros((len(targets), more), bool)])
    return dataclasses.replace(lesson, classes=classes, targets=targets)


def broken(lesson: Lesson, wrong: str) -> Lesson:
    """A lesson with one fault."""
    features, targets = lesson.features.copy(), lesson.targets
    if wrong in ("nan", "infinite"):
        features[3, 1] = np.nan if wrong == "nan" else -np.inf
    several = lesson.kind == "multi-label"
    faults: dict[str, dict[str, Any]] = {
        "nan": {"features": features},
        "infinite": {"features": features},
        "rows": {"targets": targets[:-1]},
        "range": {"targets": targets[:, :-1] if several else targets + 1},
        "negative": {"targets": targets.astype(np.int64) if several else targets - 1},
        "empty": {"features": features[:0], "targets": targets[:0]},
        "flat": {"features": features[:, 0]},
        "none": {"classes": ()},
    }
    return dataclasses.replace(lesson, **faults[wrong])


def _members(fitted: Fitted, features: Floats) -> NDArray[np.float32] | None:
    return fitted.mc_proba(features, 2)
