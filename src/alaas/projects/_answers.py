"""From what people say to answers that the task allows."""

from __future__ import annotations

from collections.abc import Sequence

from alaas.config import TaskSettings
from alaas.errors import LabelError, nearest
from alaas.projects._words import Answer, Defer, Skip, Unsure
from alaas.stores import NewAnswer, Value

_MOST_CHARACTERS = 1000


def to_answer(
    task: TaskSettings, item: str, answer: Answer, *, annotator: str, batch: str | None, final: bool
) -> NewAnswer:
    """The answer as a store keeps it.

    Raises:
        LabelError: the task has no such label, or takes another kind of it.
    """
    if isinstance(answer, (Skip, Unsure, Defer)):
        kind = {Skip: "skip", Unsure: "unsure", Defer: "defer"}[type(answer)]
        return NewAnswer(
            item=item,
            annotator=annotator,
            kind=kind,  # type: ignore[arg-type]
            reason=answer.reason or None,
            batch=batch,
            final=final,
        )
    value = to_value(task, answer, item)
    return NewAnswer(item=item, annotator=annotator, value=value, batch=batch, final=final)


def to_value(task: TaskSettings, answer: object, item: str) -> Value:
    """A label as a store keeps it: one class, or several in order.

    Raises:
        LabelError: the task has no such label, or takes another kind of it.
    """
    if task.kind == "multi-class":
        if not isinstance(answer, str):
            raise LabelError(
                f"item {item!r}: the task takes one class an item, such as "
                f"{(task.classes or ['cat'])[0]!r}; got {answer!r}"
            )
        return _class(task, answer, item)
    if isinstance(answer, str) or not isinstance(answer, Sequence):
        raise LabelError(
            f"item {item!r}: the task takes any number of classes as a list, such as "
            f"{(task.classes or ['cat'])[:2]!r}; got {answer!r}"
        )
    return tuple(sorted({_class(task, one, item) for one in answer}))


def from_text(task: TaskSettings, text: str, item: str) -> Value:
    """The label that a manifest's cell holds; several are separated by semicolons.

    Raises:
        LabelError: the task has no such label.
    """
    if task.kind == "multi-class":
        return to_value(task, text.strip(), item)
    return to_value(task, [part.strip() for part in text.split(";") if part.strip()], item)


def _class(task: TaskSettings, name: object, item: str) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > _MOST_CHARACTERS:
        raise LabelError(
            f"item {item!r}: a class is a text of 1 to {_MOST_CHARACTERS} characters, got {str(name)[:80]!r}"
        )
    if task.classes and name not in task.classes:
        raise LabelError(f"item {item!r}: the task has no class {name!r}; {nearest(name, task.classes)}")
    return name
