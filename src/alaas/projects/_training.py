"""One retraining: from labels and features to a fitted learner and what can be said of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from alaas.config import Config
from alaas.learners import Fitted, Kind, Targets
from alaas.metrics import Metrics, measure
from alaas.projects._choosing import in_audit
from alaas.projects._rounds import summary_of
from alaas.projects._teaching import Labels, Teaching
from alaas.seeding import generator
from alaas.stores import Decided, NewRound, Value
from alaas.types import Indices

_ENOUGH_TO_MEASURE = 10
"""Audit labels below which a figure would say little."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a retraining works on.

    Attributes: config: the project's configuration. teaching: the learner and what it is taught with.
        decided: the labels of the pool. validation: those of the validation items. through: the last answer
        that was looked at. before: the classes of the last round. number: the round's number. cost: what all
        labels cost so far.
    """

    config: Config
    teaching: Teaching
    basis: str
    decided: Sequence[Decided]
    validation: Sequence[Decided]
    through: int
    before: tuple[str, ...]
    number: int
    cost: float

    def run(self) -> NewRound:
        """Learn and measure.

        Raises:
            LearnerError: the learner broke its contract.
            CancelledError: whoever reads the items was told to stop.
        """
        began = time.perf_counter()
        kind: Kind = self.config.task.kind
        classes = classes_of(self.config.task.classes, self.before, [*self.decided, *self.validation])
        train, audit = self._split()
        rng = generator(self.config.seed, round_number=self.number, purpose="train")
        fitted, notes = None, self._objections(train, classes, kind)
        metrics, measured_on = None, None
        if not notes:
            labels = labels_of(train, classes, kind)
            fitted = self.teaching.fit(labels, rng)
            metrics, measured_on = self._measured(fitted, labels, audit, rng)
        return NewRound(
            through=self.through,
            labels=len(self.decided),
            model=None if fitted is None else fitted.dump(),
            summary=summary_of(
                seconds=time.perf_counter() - began,
                learner=self.config.learner.name,
                basis=self.basis,
                fingerprint=self.teaching.fingerprint,
                classes=classes,
                balance=balance_of(self.decided),
                cost=self.cost,
                metrics=metrics,
                measured_on=measured_on,
                notes=(*notes, *self.teaching.remarks()),
            ),
        )

    def _split(self) -> tuple[list[Decided], list[Decided]]:
        """Labels to learn from, and those of the audit slice; items that cannot be had are in neither."""
        numbers = _numbers(self.decided)
        there = self.teaching.has(numbers)
        audited = in_audit(self.config.seed, numbers, self.config.labelling.audit)
        train = [one for one, use in zip(self.decided, there & ~audited, strict=True) if use]
        audit = [one for one, use in zip(self.decided, there & audited, strict=True) if use]
        return train, audit

    def _objections(self, train: Sequence[Decided], classes: tuple[str, ...], kind: Kind) -> tuple[str, ...]:
        """Why nothing can be learned yet."""
        if not train:
            return ("there are no labels to learn from yet",)
        if kind == "multi-class" and len({one.value for one in train}) < 2:
            return ("all labels so far are of one class; the learner begins with the second",)
        if not classes:
            return ("no item has a class yet",)
        return ()

    def _measured(
        self, fitted: Fitted, labels: Labels, audit: Sequence[Decided], rng: np.random.Generator
    ) -> tuple[Metrics | None, Literal["validation", "audit", "cross-fit"] | None]:
        """On the validation items, else on the audit slice, else by learners that have not seen a label."""
        kind, classes = labels.kind, labels.classes
        there = self.teaching.has(_numbers(self.validation))
        known = labels_of(
            [one for one, use in zip(self.validation, there, strict=True) if use], classes, kind
        )
        audited = labels_of(audit, classes, kind)
        if len(known.numbers):
            found = self.teaching.ask(fitted, known.numbers)
            return measure(found, known.targets, classes, kind), "validation"
        if len(audited.numbers) >= _ENOUGH_TO_MEASURE:
            found = self.teaching.ask(fitted, audited.numbers)
            return measure(found, audited.targets, classes, kind), "audit"
        unseen = self.teaching.unseen(labels, rng)
        if unseen is None:
            return None, None
        return measure(unseen, labels.targets, classes, kind), "cross-fit"


def classes_of(named: Sequence[str], before: tuple[str, ...], decided: Sequence[Decided]) -> tuple[str, ...]:
    """The classes in the order of their numbers: those named, those known before, then new ones by name."""
    first = [*named, *(name for name in before if name not in named)] if named else list(before)
    seen = {name for one in decided for name in names_of(one.value)}
    return (*first, *sorted(seen - set(first)))


def names_of(value: Value) -> tuple[str, ...]:
    """The classes of a label."""
    return (value,) if isinstance(value, str) else value


def labels_of(decided: Sequence[Decided], classes: tuple[str, ...], kind: Kind) -> Labels:
    """Labels by item number, as a learner takes them."""
    targets = targets_of(decided, classes, kind)
    return Labels(kind=kind, classes=classes, numbers=_numbers(decided), targets=targets)


def targets_of(decided: Sequence[Decided], classes: Sequence[str], kind: Kind) -> Targets:
    """Labels as numbers: shape (m,) of class numbers, or (m, C) of whether."""
    place = {name: number for number, name in enumerate(classes)}
    if kind == "multi-class":
        return np.array([place[str(one.value)] for one in decided], dtype=np.int64)
    targets = np.zeros((len(decided), len(classes)), dtype=bool)
    for row, one in enumerate(decided):
        targets[row, [place[name] for name in names_of(one.value)]] = True
    return targets


def balance_of(decided: Sequence[Decided]) -> Mapping[str, int]:
    """How many labels each class has, the most frequent first."""
    return dict(Counter(name for one in decided for name in names_of(one.value)).most_common())


def basis(config: Config) -> str:
    """What a fitted learner depends on besides labels and features, in one line."""
    said = {"learner": config.learner.model_dump(mode="json"), "task": config.task.model_dump(mode="json")}
    return json.dumps({**said, "audit": config.labelling.audit}, sort_keys=True)


def _numbers(decided: Sequence[Decided]) -> Indices:
    return np.fromiter((one.number for one in decided), dtype=np.int64, count=len(decided))
