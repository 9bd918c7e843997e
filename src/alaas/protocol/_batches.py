"""Batches: items handed out for labelling."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, JsonValue

from alaas.protocol._base import Page, Reply, Request
from alaas.types import Cell


class BatchRequest(Request):
    """Ask for the ``k`` items most worth labelling."""

    k: int | None = Field(None, ge=1, strict=True, description="How many; by default the project decides.")
    annotator: str | None = Field(
        None, min_length=1, max_length=200, description="Whom they are for; by default who asks."
    )
    pin: list[str] = Field(default_factory=list, description="Ids of items that shall be in the batch.")
    exclude: list[str] = Field(default_factory=list, description="Ids of items that shall not be in it.")
    lease: float | None = Field(
        None, gt=0, le=30 * 86400, description="Seconds that they are held; by default as the project says."
    )


class ReleaseRequest(Request):
    """Give items of a batch back to the pool."""

    items: list[str] | None = Field(None, description="Ids; by default all that have no answer.")


class ExtendRequest(Request):
    """Hold a batch for longer."""

    lease: float | None = Field(None, gt=0, le=30 * 86400, description="Seconds from now.")


class GuessBody(Reply):
    """The learner's likeliest class."""

    label: str
    probability: float


class BatchItemBody(Reply):
    """One item to label. ``reason`` says why it is in the batch, ``state`` what became of it."""

    id: str
    rank: int
    uri: str | None = None
    text: str | None = None
    row: dict[str, Cell] | None = None
    cost: float = 1.0
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    score: float | None = None
    reason: str
    state: str
    guess: GuessBody | None = None


class BatchBody(Reply):
    """Items handed out to one annotator until ``until``; best first."""

    id: str
    project: str
    ordinal: int
    annotator: str
    created: datetime
    until: datetime
    strategy: str
    round: int | None
    items: list[BatchItemBody]
    notes: list[str] = Field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The items' ids, best first."""
        return [item.id for item in self.items]


class BatchPage(Page):
    """Batches, first to last."""

    batches: list[BatchBody]


class ReplayBody(Reply):
    """A batch chosen again: ``same`` says whether the picks are those that were handed out."""

    batch: str
    ids: list[str]
    same: bool
    differences: list[str] = Field(default_factory=list)
