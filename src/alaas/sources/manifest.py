"""A CSV, TSV, JSONL or Parquet file, one item a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from alaas.config import SourceSettings
from alaas.fetching import Fetcher, is_remote
from alaas.sources._base import ConfiguredSource, Entry
from alaas.sources._document import Document
from alaas.sources._meaning import Meaning
from alaas.sources._names import ending
from alaas.sources._rows import BadRow, open_rows
from alaas.types import FailedItem, Item, ModalityName


class Manifest(ConfiguredSource):
    """Streams the rows of a table of items; a row's id is its id column or ``row-<number>``, from 1.

    For tables each row is itself the item: its columns without those of id, cost and metadata.
    """

    def __init__(self, settings: SourceSettings, *, modality: ModalityName | None, fetcher: Fetcher) -> None:
        super().__init__(settings, modality=modality, fetcher=fetcher)
        self._document = Document(self.uri, fetcher)

    @cached_property
    def remote(self) -> bool:
        """Told by the first item's URI."""
        first = next((entry for entry in self if isinstance(entry, Item)), None)
        return first is not None and first.uri is not None and is_remote(first.uri)

    @cached_property
    def total(self) -> int | None:
        """Known for Parquet alone, whose footer tells."""
        if ending(self.uri) != ".parquet":
            return None
        with open_rows(self._document) as rows:
            return rows.total

    def __iter__(self) -> Iterator[Entry]:
        with open_rows(self._document) as rows:
            if not rows.columns:
                return
            meaning = Meaning(
                self.settings,
                self.modality,
                name=self.uri,
                columns=rows.columns,
                sparse=rows.sparse,
                resolve=self._document.resolve,
            )
            entry = meaning.entry
            for number, row in enumerate(rows, start=1):
                if isinstance(row, BadRow):
                    reason = f"{rows.place}: {row.reason}"
                    yield FailedItem(id=f"row-{number}", uri=None, reason=reason, code="source")
                else:
                    yield entry(row, number, rows)
