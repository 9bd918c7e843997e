"""Items as requests carry them, and where they come from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer, model_validator

from alaas.protocol._base import Request
from alaas.types import Cell, Item


def _from_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"expected the content in base64, got text that is not ({error})") from error


def _to_base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")


Blob = Annotated[
    bytes | None,
    BeforeValidator(_from_base64, json_schema_input_type=str | None),
    PlainSerializer(_to_base64, return_type=str | None),
]


def _located(value: Any) -> Any:
    return {"uri": value} if isinstance(value, (str, list)) else value


class ItemBody(Request):
    """One item of a request. Exactly one of ``uri``, ``text``, ``blob`` and ``row`` carries it."""

    id: str | None = Field(
        None, min_length=1, max_length=4096, description="By default its URI, or its place in the list."
    )
    uri: str | None = Field(None, min_length=1, max_length=65536)
    text: str | None = None
    blob: Blob = Field(None, description="The content itself, such as an image file, in base64.")
    row: dict[str, Cell] | None = None
    cost: float = Field(1.0, ge=0, allow_inf_nan=False, description="What labelling it costs.")
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_content(self) -> ItemBody:
        given = [name for name in ("uri", "text", "blob", "row") if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            raise ValueError(f"an item has exactly one of uri, text, blob and row; got {got}")
        return self

    def item(self) -> Item:
        """The item; without an id of its own it is called by its URI, or by a digest of what it carries."""
        return Item(
            id=self.id or self.uri or self._digest(),
            uri=self.uri,
            text=self.text,
            row=self.row,
            content=self.blob,
            cost=self.cost,
            metadata=self.metadata,
        )

    def _digest(self) -> str:
        content = self.blob
        if content is None:
            said = self.text if self.text is not None else json.dumps(self.row, sort_keys=True)
            content = said.encode("utf-8", "surrogatepass")
        return hashlib.sha256(content).hexdigest()[:32]


class SourceBody(Request):
    """Where items come from; the keys of ``source`` in the configuration file."""

    uri: str | list[str] = Field(description="A folder, glob, manifest or address, or a list of item URIs.")
    id_column: str = "id"
    uri_column: str = "uri"
    text_column: str = "text"
    cost_column: str = "cost"
    label_column: str | None = None
    metadata_columns: list[str] | None = None
    recursive: bool = True
    extensions: list[str] | None = None


Located = Annotated[SourceBody | None, BeforeValidator(_located, str | list[str] | SourceBody | None)]
"""A source; a text or a list stands for its ``uri``."""
