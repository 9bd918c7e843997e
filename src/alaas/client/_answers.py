"""From what a caller says of items to the answers of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from alaas.errors import UsageError
from alaas.protocol import AnswerBody
from alaas.types import Answer, Defer, Skip, Unsure

AnyAnswer: TypeAlias = Answer


def answer_bodies(answers: Mapping[str, AnyAnswer]) -> list[AnswerBody]:
    """The answers of a request, in their order.

    Raises:
        UsageError: an answer is none of a class, a list of classes, ``Skip``, ``Unsure`` and ``Defer``.
    """
    return [_body(item, answer) for item, answer in answers.items()]


def _body(item: str, answer: AnyAnswer) -> AnswerBody:
    if isinstance(answer, str):
        return AnswerBody(item=item, label=answer)
    if isinstance(answer, Skip):
        return AnswerBody(item=item, skip=answer.reason)
    if isinstance(answer, Unsure):
        return AnswerBody(item=item, unsure=answer.reason)
    if isinstance(answer, Defer):
        return AnswerBody(item=item, defer=answer.reason)
    if isinstance(answer, (list, tuple)):
        return AnswerBody(item=item, label=[*answer])
    raise UsageError(
        f"item {item!r}: expected a class, a list of classes, Skip, Unsure or Defer, got {answer!r}"
    )
