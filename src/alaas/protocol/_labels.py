"""Labels: what annotators say of items, what became of it, and where they disagree."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, model_validator

from alaas.protocol._base import Page, Reply, Request
from alaas.types import Answer, Defer, Skip, Unsure

_WAYS = ("label", "skip", "unsure", "defer")


class AnswerBody(Request):
    """What an annotator says of one item: exactly one of ``label``, ``skip``, ``unsure`` and ``defer``."""

    item: str = Field(min_length=1, description="Its id.")
    label: str | list[str] | None = Field(
        None, description="Its class, or for a multi-label task its classes, perhaps none."
    )
    skip: str | None = Field(None, description="It shall have no label; the reason, perhaps empty.")
    unsure: str | None = Field(None, description="This annotator cannot say, another may; the reason.")
    defer: str | None = Field(None, description="Not now: it goes back to the pool; the reason.")

    @model_validator(mode="after")
    def _one_way(self) -> AnswerBody:
        given = [name for name in _WAYS if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            raise ValueError(f"an answer has exactly one of label, skip, unsure and defer; got {got}")
        return self

    @property
    def said(self) -> Answer:
        """What was said, as ``tell`` takes it."""
        if self.label is not None:
            return self.label
        if self.skip is not None:
            return Skip(reason=self.skip)
        if self.unsure is not None:
            return Unsure(reason=self.unsure)
        return Defer(reason=self.defer or "")


class TellRequest(Request):
    """Tell labels. Telling the same again changes nothing, so a broken connection does no harm."""

    batch: str | None = Field(None, description="The batch they belong to; null for labels from elsewhere.")
    answers: list[AnswerBody] = Field(min_length=1)
    annotator: str | None = Field(
        None, min_length=1, max_length=200, description="Who says so; by default who tells."
    )
    final: bool = Field(False, description="Settles a conflict: it stands whatever others said.")

    @model_validator(mode="after")
    def _each_once(self) -> TellRequest:
        seen: set[str] = set()
        for answer in self.answers:
            if answer.item in seen:
                raise ValueError(
                    f"item {answer.item!r} is answered twice; an annotator has one answer an item"
                )
            seen.add(answer.item)
        return self


class ReceiptBody(Reply):
    """What became of an answer: ``kept``, ``same``, ``revised``, or ``refused`` with a reason."""

    item: str
    outcome: str
    state: str | None = None
    reason: str | None = None


class ToldBody(Reply):
    """What became of answers, one receipt each, and how many labels the project has now.

    ``retrain`` is the id of the job that will learn from them, if there is one.
    """

    receipts: list[ReceiptBody]
    labels: int
    retrain: str | None = None

    @property
    def refused(self) -> list[ReceiptBody]:
        """Answers that were not taken, with the reason."""
        return [receipt for receipt in self.receipts if receipt.outcome == "refused"]


class LabelBody(Reply):
    """An answer as it was given; ``sequence`` counts the project's answers up from 1."""

    sequence: int
    item: str
    annotator: str
    kind: str
    label: str | list[str] | None
    reason: str | None
    batch: str | None
    final: bool
    at: datetime


class LabelPage(Page):
    """The history of answers, first to last."""

    labels: list[LabelBody]


class DisagreementBody(Reply):
    """An item whose annotators disagree: who says what."""

    id: str
    uri: str | None
    text: str | None
    answers: dict[str, str | list[str]]


class DisagreementPage(Page):
    """Items in conflict."""

    conflicts: list[DisagreementBody]
