"""The items of a project: adding them, and how each stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from alaas.protocol._base import Page, Reply, Request
from alaas.protocol._items import ItemBody, Located
from alaas.types import Cell, Item

ExportFormat = Literal["jsonl", "csv", "coco", "label-studio"]
Role = Literal["pool", "validation"]


class NewItemBody(ItemBody):
    """An item to add, perhaps with a label that is known of it."""

    id: str | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="By default its URI, or a digest of what it carries; what is there already stays.",
    )
    label: str | list[str] | None = None

    def item(self) -> Item:
        """See ``ItemBody``; several labels are joined by semicolons, as in a manifest."""
        label = ";".join(self.label) if isinstance(self.label, list) else self.label
        return replace(super().item(), label=label)


class ItemsRequest(Request):
    """Add items to a project: the items themselves, or a source to read them from."""

    items: list[NewItemBody] | None = Field(None, min_length=1)
    source: Located = Field(None, description="Where they are, as the server sees it.")
    role: Role = Field("pool", description="`validation` items have labels and measure the learner.")

    @model_validator(mode="after")
    def _one_origin(self) -> ItemsRequest:
        if (self.items is None) == (self.source is None):
            got = "neither" if self.items is None else "both"
            raise ValueError(f"got {got} of items and source; send one of them")
        return self


class AddedBody(Reply):
    """What came of adding items: ``known`` ids were there before and stay as they were."""

    added: int
    known: int


class ProjectItemBody(Reply):
    """An item of a project and how it stands; ``uri`` is null for content that was uploaded."""

    number: int
    id: str
    state: str
    role: Role
    uri: str | None = None
    text: str | None = None
    row: dict[str, Cell] | None = None
    cost: float = 1.0
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    uploaded: bool = False
    label: str | list[str] | None = None
    reason: str | None = None


class ItemPage(Page):
    """Items in the order of their arrival."""

    items: list[ProjectItemBody]


class ExportRequest(Request):
    """Write the labelled items down."""

    format: ExportFormat = "jsonl"


class ExportBody(Reply):
    """The labelled items in the format that was asked for."""

    format: ExportFormat
    media_type: str
    content: str


MEDIA_TYPES: dict[ExportFormat, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "coco": "application/json",
    "label-studio": "application/json",
}
"""What each format of an export is over HTTP."""
