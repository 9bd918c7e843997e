"""Answers of annotators on their way to the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alaas.config import TaskSettings
from alaas.errors import AlaasError, LabelError, UsageError
from alaas.projects._answers import to_answer
from alaas.projects._words import Told
from alaas.stores import NewAnswer, Receipt, Rule, Store
from alaas.types import Answer


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What one annotator tells; see ``Project.tell``."""

    batch_id: str | None
    answers: Mapping[str, Answer]
    annotator: str
    final: bool = False


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """A telling whose labels have been checked: what the store is asked to keep, and what is refused."""

    items: tuple[str, ...]
    answers: tuple[NewAnswer, ...]
    refused: Mapping[str, Receipt]


def tell_all(
    project: str, store: Store, task: TaskSettings, rule: Rule, tellings: Sequence[Telling]
) -> list[Told | AlaasError]:
    """What became of each telling, or why it was refused as a whole."""
    checked: list[_Checked | AlaasError] = [_check(store, project, task, telling) for telling in tellings]
    asked = [one.answers for one in checked if isinstance(one, _Checked)]
    outcomes = iter(store.tell_all(project, asked, rule=rule) if any(asked) else [[] for _ in asked])
    labels = store.counts(project, holds=False).states["labelled"]
    return [one if isinstance(one, AlaasError) else _told(one, next(outcomes), labels) for one in checked]


def _check(store: Store, project: str, task: TaskSettings, telling: Telling) -> _Checked | AlaasError:
    answers: list[NewAnswer] = []
    refused: dict[str, Receipt] = {}
    try:
        annotator = checked_annotator(telling.annotator)
        for item, answer in telling.answers.items():
            try:
                new = to_answer(
                    task, item, answer, annotator=annotator, batch=telling.batch_id, final=telling.final
                )
                answers.append(new)
            except LabelError as error:
                refused[item] = Receipt(item=item, outcome="refused", reason=error.message)
        if not answers and telling.batch_id is not None:
            store.batch(project, telling.batch_id)  # an unknown batch is an error though nothing is kept
    except AlaasError as error:
        return error
    return _Checked(items=tuple(telling.answers), answers=tuple(answers), refused=refused)


def _told(checked: _Checked, outcome: list[Receipt] | AlaasError, labels: int) -> Told | AlaasError:
    if isinstance(outcome, AlaasError):
        return outcome
    receipts = {receipt.item: receipt for receipt in outcome} | dict(checked.refused)
    return Told(receipts=tuple(receipts[item] for item in checked.items), labels=labels)


def checked_annotator(name: str) -> str:
    """The name, if it is one.

    Raises:
        UsageError: it is empty or longer than 200 characters.
    """
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        raise UsageError(f"an annotator has a name of 1 to 200 characters, got {name!r}")
    return name
