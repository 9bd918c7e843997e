"""Linear: calibrated, exact enough, quick to begin again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from alaas.errors import ConfigError, LearnerError
from alaas.learners import Fitted, Learner, Lesson
from alaas.learners.linear import Linear
from alaas.metrics import Metrics, measure
from alaas.testing.learners import LearnerSuite, check_probabilities, example_lesson


class TestLinear(LearnerSuite):
    def make(self) -> Learner:
        return Linear()


class TestPlainLinear(LearnerSuite):
    def make(self) -> Learner:
        return Linear(members=0, folds=0, regularisation=1.0)


def fit(learner: Linear, lesson: Lesson, seed: int = 0) -> Fitted:
    return learner.fit(lesson, np.random.default_rng(seed))


def digits(labelled: int) -> tuple[Lesson, Lesson]:
    features, numbers = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(numbers))
    whole = Lesson(
        kind="multi-class",
        classes=tuple("0123456789"),
        features=features[order].astype(np.float32),
        targets=numbers[order].astype(np.int64),
    )
    first = replace(whole, features=whole.features[:labelled], targets=whole.targets[:labelled])
    rest = replace(whole, features=whole.features[labelled:], targets=whole.targets[labelled:])
    return first, rest


def measured(fitted: Fitted, lesson: Lesson) -> Metrics:
    return measure(fitted.predict_proba(lesson.features), lesson.targets, lesson.classes, lesson.kind)


@pytest.mark.parametrize("labelled", [100, 300])
def test_calibration_lowers_log_loss_and_calibration_error_on_digits(labelled):
    lesson, rest = digits(labelled)
    plain = measured(fit(Linear(folds=0, regularisation=0.1), lesson), rest)
    calibrated = measured(fit(Linear(regularisation=0.1), lesson), rest)
    assert calibrated.accuracy == pytest.approx(plain.accuracy)
    assert calibrated.log_loss < 0.9 * plain.log_loss
    assert calibrated.calibration_error < 0.5 * plain.calibration_error


def test_calibration_lowers_log_loss_of_several_labels():
    lesson, rest = digits(300)

    def odd_and_large(of: Lesson) -> Lesson:
        targets = np.column_stack([of.targets % 2 == 1, of.targets >= 5, of.targets == 8])
        return replace(of, kind="multi-label", classes=("odd", "large", "eight"), targets=targets)

    lesson, rest = odd_and_large(lesson), odd_and_large(rest)
    plain, calibrated = (
        fit(Linear(folds=0, regularisation=1.0), lesson),
        fit(Linear(regularisation=1.0), lesson),
    )
    assert measured(calibrated, rest).log_loss < 0.9 * measured(plain, rest).log_loss
    assert measured(calibrated, rest).accuracy > 0.7


@pytest.mark.parametrize("labelled", [30, 500], ids=["fewer items than dimensions", "more"])
def test_the_layer_is_the_optimum_that_scikit_learn_finds(labelled):
    lesson, rest = digits(labelled)
    regularisation = 0.1
    ours = fit(Linear(folds=0, members=0, regularisation=regularisation), lesson)
    features = lesson.features.astype(np.float64)
    mean, share = features.mean(axis=0), labelled / (labelled + 10)
    variance = share * features.var(axis=0) + (1 - share) * features.var(axis=0).mean()
    scale = np.where(features.std(axis=0) > 0, np.sqrt(variance * 64), np.inf)
    # scikit-learn takes no soft targets, so each item comes with all classes, as heavy as they are.
    heavy = np.full((labelled, 10), 1 / (labelled + 1) / 10)
    heavy[np.arange(labelled), lesson.targets] += labelled / (labelled + 1)
    theirs = LogisticRegression(C=1 / regularisation, tol=1e-8, max_iter=5000).fit(
        np.repeat((features - mean) / scale, 10, axis=0), np.tile(np.arange(10), labelled), heavy.ravel()
    )
    expected = theirs.predict_proba((rest.features - mean) / scale)
    np.testing.assert_allclose(ours.predict_proba(rest.features), expected, atol=0.01)


def test_a_warm_start_ends_at_the_same_optimum():
    lesson, rest = digits(400)
    less = replace(lesson, features=lesson.features[:300], targets=lesson.targets[:300])
    linear = Linear(folds=0, members=0)
    cold = fit(linear, lesson).predict_proba(rest.features)
    before = fit(Linear(), less)
    warm = fit(linear, replace(lesson, previous=before)).predict_proba(rest.features)
    assert np.abs(before.predict_proba(rest.features) - cold).max() > 0.3
    np.testing.assert_allclose(warm, cold, atol=0.02)
    assert np.abs(warm - cold).mean() < 3e-4


def test_a_warm_start_has_nothing_to_do_where_it_ended():
    lesson, _ = digits(200)
    before = fit(Linear(folds=0), lesson)
    stopped = fit(Linear(folds=0, max_iterations=1), replace(lesson, previous=before))
    np.testing.assert_allclose(
        stopped.predict_proba(lesson.features), before.predict_proba(lesson.features), atol=0.02
    )


def test_a_new_class_is_learnt_from_a_warm_start():
    lesson, rest = digits(600)
    early = lesson.targets < 9
    before = fit(Linear(), replace(
        lesson, classes=lesson.classes[:9], features=lesson.features[early], targets=lesson.targets[early]
    ))  # fmt: skip
    later = measured(fit(Linear(), replace(lesson, previous=before)), rest)
    assert later.per_class["9"].recall > 0.8
    assert later.accuracy == pytest.approx(measured(fit(Linear(), lesson), rest).accuracy, abs=0.01)


def test_few_labels_make_nobody_certain_of_classes_not_seen():
    lesson, rest = digits(12)
    p = fit(Linear(), replace(lesson, targets=np.minimum(lesson.targets, 1))).predict_proba(rest.features)
    assert 1e-4 < p[:, 2:].mean() < 0.1


def test_members_agree_more_with_more_labels():
    def spread(labelled: int) -> float:
        lesson, rest = digits(labelled)
        members = fit(Linear(members=8), lesson).mc_proba(rest.features[-500:], 8)
        assert members is not None
        return float(members.std(axis=0).mean())

    assert spread(800) < 0.6 * spread(50)


def test_members_disagree_most_where_it_errs():
    lesson, rest = digits(150)
    fitted = fit(Linear(), lesson)
    members = fitted.mc_proba(rest.features, 5)
    assert members is not None
    spread = members.std(axis=0).max(axis=1)
    wrong = fitted.predict_proba(rest.features).argmax(axis=1) != rest.targets
    assert spread[wrong].mean() > 2 * spread[~wrong].mean()


def test_more_members_than_there_are_give_all_of_them():
    fitted = fit(Linear(members=4), example_lesson())
    found = fitted.mc_proba(example_lesson().features, 100)
    assert found is not None
    assert len(found) == 4
    assert fit(Linear(members=0), example_lesson()).mc_proba(example_lesson().features, 3) is None


def test_cross_predictions_never_know_their_own_label():
    lesson = example_lesson(count=40)
    folds = np.arange(40) % 4
    linear = Linear(folds=0)
    flipped = lesson.targets.copy()
    flipped[folds == 2] = (flipped[folds == 2] + 1) % 3
    rng = np.random.default_rng(0)
    first = linear.cross_predict(lesson, folds, rng)
    second = linear.cross_predict(replace(lesson, targets=flipped), folds, rng)
    np.testing.assert_array_equal(first[folds == 2], second[folds == 2])
    assert np.abs(first[folds != 2] - second[folds != 2]).max() > 0.1


def test_folds_together_say_what_folds_one_by_one_say():
    lesson, _ = digits(200)
    folds = np.random.default_rng(0).permutation(200) % 4
    linear = Linear(folds=0, members=0)
    together = linear.cross_predict(lesson, folds, np.random.default_rng(0))
    alone = Learner.cross_predict(linear, lesson, folds, np.random.default_rng(0))
    # They differ by how columns are standardised: on all items, or on those of three folds.
    assert np.abs(together - alone).mean() < 0.01


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 25),
    dimensions=st.integers(1, 30),
    classes=st.integers(1, 5),
    scale=st.sampled_from([1e-6, 1.0, 1e4]),
    offset=st.sampled_from([0.0, 1.0, 1e3]),
    several=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_whatever_the_shape_and_scale_probabilities_come_out(
    count, dimensions, classes, scale, offset, several, seed
):
    rng = np.random.default_rng(seed)
    features = (scale * (rng.normal(size=(count, dimensions)) + offset)).astype(np.float32)
    targets = rng.random((count, classes)) < 0.4 if several else rng.integers(classes, size=count)
    kind = "multi-label" if several else "multi-class"
    lesson = Lesson(kind=kind, classes=tuple(map(str, range(classes))), features=features, targets=targets)
    fitted = fit(Linear(members=2, folds=3), lesson, seed)
    check_probabilities(fitted, lesson, fitted.predict_proba(features), count)


@settings(max_examples=20, deadline=None)
@given(factor=st.sampled_from([0.01, 3.0, 1000.0]), shift=st.sampled_from([-10.0, 0.0, 5.0]))
def test_units_do_not_matter(factor, shift):
    lesson = example_lesson()
    moved = replace(lesson, features=(lesson.features * factor + shift * factor).astype(np.float32))
    np.testing.assert_allclose(
        fit(Linear(), moved).predict_proba(moved.features),
        fit(Linear(), lesson).predict_proba(lesson.features),
        atol=0.005,
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"regularisation": 0.0}, "regularisation must be a number of at least 1e-06, got 0.0"),
        ({"regularisation": float("nan")}, "regularisation"),
        ({"members": -1}, "members must be a whole number of at least 0, got -1"),
        ({"members": True}, "members"),
        ({"folds": 1}, "folds must be 0 for no calibration, or at least 2; got 1"),
        ({"max_iterations": 0.5}, "max_iterations"),
    ],
)
def test_parameters_without_a_meaning_are_refused(parameters, message):
    with pytest.raises(ConfigError, match=message):
        Linear(**parameters)


def test_a_stored_layer_that_does_not_fit_together_is_refused():
    from alaas.learners import pack

    arrays = {
        "layer": np.zeros((2, 4), np.float32),
        "members": np.zeros((1, 2, 3), np.float32),
        "slopes": np.ones(2),
        "offsets": np.zeros(2),
    }
    data = pack("linear/1", {"kind": "multi-class", "classes": ["a", "b"]}, arrays)
    with pytest.raises(LearnerError, match="does not fit together"):
        Linear().restore(data)
