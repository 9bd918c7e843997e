"""The suite that every learner from items passes; see ``alaas.learners.ItemLearner``."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.errors import CancelledError, LearnerError
from alaas.learners import ItemFitted, ItemLearner, ItemLesson, Kind, Lesson, Targets
from alaas.types import Indices

_SHAPE = (3, 12, 12)


def stripes(count: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Pictures (n, 3, 12, 12) with stripes that lie (0) or stand (1), under noise.

    Their mean says nothing, so that there is something to learn.
    """
    rng = np.random.default_rng(seed)
    standing = rng.integers(0, 2, count)
    rows = np.broadcast_to(np.tile([1.0, -1.0], 6)[:, None], _SHAPE)
    columns = rows.transpose(0, 2, 1)
    images = np.where(standing[:, None, None, None] == 1, columns, rows)
    return (images + 0.3 * rng.normal(size=images.shape)).astype(np.float32), standing.astype(np.int64)


class ItemLearnerSuite:
    """Subclass it and give ``make``; inputs are pictures called ``images`` (b, 3, 12, 12), float32."""

    def make(self) -> ItemLearner:
        """The learner, with parameters that let it learn ``stripes`` from 60 labels in a few seconds."""
        raise NotImplementedError

    def lesson(
        self,
        images: NDArray[np.float32],
        targets: Targets,
        *,
        kind: Kind = "multi-class",
        classes: tuple[str, ...] = ("lying", "standing"),
    ) -> ItemLesson:
        """A lesson over pictures that are there already."""

        def inputs(places: Indices) -> dict[str, NDArray[np.float32]]:
            return {"images": images[places]}

        return ItemLesson(kind=kind, classes=classes, inputs=inputs, targets=targets)

    def fit(self, lesson: ItemLesson, seed: int = 0) -> ItemFitted:
        """Learn the lesson."""
        return self.make().fit_items(lesson, np.random.default_rng(seed))

    def predicted(self, fitted: ItemFitted, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probabilities of pictures."""
        return fitted.predict_proba(fitted.encode_items({"images": images}))

    def test_it_learns(self) -> None:
        fitted = self.fit(self.lesson(*stripes(60)))
        images, targets = stripes(100, seed=1)
        found = self.predicted(fitted, images)
        assert (found.argmax(axis=1) == targets).mean() > 0.9
        assert found.shape == (100, 2)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)

    def test_several_labels_an_item(self) -> None:
        if "multi-label" not in self.make().kinds:
            pytest.skip("not for multi-label tasks")
        classes = ("lying", "standing", "picture")

        def flags(standing: NDArray[np.int64]) -> NDArray[np.bool_]:
            return np.stack([standing == 0, standing == 1, standing >= 0], axis=1)

        images, standing = stripes(60)
        fitted = self.fit(self.lesson(images, flags(standing), kind="multi-label", classes=classes))
        images, standing = stripes(50, seed=1)
        right = (self.predicted(fitted, images) > 0.5) == flags(standing)
        assert right.mean(axis=0).min() > 0.9

    def test_it_says_what_it_is(self) -> None:
        images, targets = stripes(12)
        fitted = self.fit(self.lesson(images, targets))
        features = fitted.encode_items({"images": images})
        assert features.shape == (12, fitted.dimensions)
        assert (fitted.kind, fitted.classes) == ("multi-class", ("lying", "standing"))
        if fitted.weights is not None:
            scores = features @ fitted.weights[:, :-1].T + fitted.weights[:, -1]
            raised = np.exp(scores - scores.max(axis=1, keepdims=True))
            expected = raised / raised.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(fitted.predict_proba(features), expected, atol=1e-4)

    @pytest.mark.parametrize("count", [1, 2, 9])
    def test_few_labels_give_modest_probabilities(self, count: int) -> None:
        images, targets = stripes(count)
        classes = ("lying", "standing", "never seen")
        found = self.predicted(self.fit(self.lesson(images, targets, classes=classes)), images)
        assert np.isfinite(found).all()
        assert found.max() < 0.99

    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        lesson = self.lesson(*stripes(20))
        assert self.fit(lesson, seed=3).dump() == self.fit(lesson, seed=3).dump()

    def test_what_is_restored_says_the_same(self) -> None:
        images, targets = stripes(20)
        fitted = self.fit(self.lesson(images, targets))
        again = self.make().restore(fitted.dump())
        assert (again.classes, again.kind, again.dimensions) == (
            fitted.classes,
            fitted.kind,
            fitted.dimensions,
        )
        np.testing.assert_array_equal(self.predicted(again, images), self.predicted(fitted, images))
        assert again.dump() == fitted.dump()

    @pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", bytes(100)])
    def test_other_bytes_are_refused(self, content: bytes) -> None:
        with pytest.raises(LearnerError):
            self.make().restore(content)

    def test_it_changes_nothing_that_it_is_given(self) -> None:
        images, targets = stripes(12)
        kept = images.copy(), targets.copy()
        images.flags.writeable = targets.flags.writeable = False
        self.predicted(self.fit(self.lesson(images, targets)), images)
        np.testing.assert_array_equal(images, kept[0])
        np.testing.assert_array_equal(targets, kept[1])

    def test_many_threads_may_ask_at_once(self) -> None:
        images, targets = stripes(12)
        fitted = self.fit(self.lesson(images, targets))
        expected, found = self.predicted(fitted, images), []
        threads = [
            threading.Thread(target=lambda: found.append(self.predicted(fitted, images))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == len(threads)
        for one in found:
            np.testing.assert_array_equal(one, expected)

    def test_whoever_gives_the_items_can_end_the_fit(self) -> None:
        def inputs(places: Indices) -> dict[str, NDArray[np.float32]]:
            raise CancelledError(f"stopped at {places}")

        lesson = ItemLesson(kind="multi-class", classes=("a", "b"), inputs=inputs, targets=np.array([0, 1]))
        with pytest.raises(CancelledError):
            self.fit(lesson)

    def test_lessons_that_do_not_fit_are_refused(self) -> None:
        images, targets = stripes(4)
        for wrong in (targets + 2, targets - 1, targets[:0], targets[:, None]):
            with pytest.raises(LearnerError):
                self.fit(self.lesson(images, wrong))
        if "multi-label" in self.make().kinds:
            with pytest.raises(LearnerError):
                self.fit(self.lesson(images, targets, kind="multi-label"))

    def test_features_are_not_what_it_learns_from(self) -> None:
        learner = self.make()
        assert learner.wants == "items"
        rows = Lesson(
            kind="multi-class",
            classes=("a", "b"),
            features=np.zeros((2, 3), np.float32),
            targets=np.array([0, 1]),
        )
        with pytest.raises(LearnerError):
            learner.fit(rows, np.random.default_rng(0))
