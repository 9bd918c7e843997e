"""Where items come from."""

from __future__ import annotations

from pydantic import Field

from alaas.config._base import CommaList, Section


class SourceSettings(Section):
    """Where items come from."""

    uri: str | list[str] = Field(
        description="A folder, a glob, a manifest (.csv .jsonl .parquet), a text file (one item a line), "
        "an http(s), s3, gs or az address of one of these, or a list of item URIs."
    )
    id_column: str = Field("id", description="Manifest column of the item's id; without it, the row number.")
    uri_column: str = Field("uri", description="Manifest column of the item's URI, relative to the manifest.")
    text_column: str = Field("text", description="Manifest column of the item's text.")
    cost_column: str = Field("cost", description="Manifest column of what the item costs to label.")
    label_column: str | None = Field(
        None,
        description="Manifest column of labels that are known; a multi-label cell separates them by `;`.",
    )
    metadata_columns: CommaList | None = Field(
        None, description="Manifest columns kept as metadata; by default all that have no other meaning."
    )
    recursive: bool = Field(True, description="Whether a folder's sub-folders are read.")
    extensions: CommaList | None = Field(
        None, description="File endings taken from a folder; by default those of the modality."
    )
