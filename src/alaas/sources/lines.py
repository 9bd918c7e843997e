"""A text file, one item a line."""

from __future__ import annotations

from collections.abc import Iterator

from alaas.config import SourceSettings
from alaas.errors import SourceError
from alaas.fetching import Fetcher
from alaas.sources._base import ConfiguredSource, Entry
from alaas.sources._document import Document
from alaas.types import Item, ModalityName


class Lines(ConfiguredSource):
    """Yields a text a line; for images a URI a line, relative to the file. Blank lines are skipped."""

    def __init__(self, settings: SourceSettings, *, modality: ModalityName | None, fetcher: Fetcher) -> None:
        super().__init__(settings, modality=modality, fetcher=fetcher)
        self._document = Document(self.uri, fetcher)

    @property
    def remote(self) -> bool:
        return self.modality == "image" and self._document.remote

    def __iter__(self) -> Iterator[Entry]:
        if self.modality == "table":
            raise SourceError(
                f"{self.uri} is plain text; a table is read from a .csv, .jsonl or .parquet file"
            )
        holds_uris = self.modality == "image"
        with self._document.text(newline=None) as file:
            try:
                for number, line in enumerate(file, start=1):
                    text = line.strip()
                    if not text:
                        continue
                    if holds_uris:
                        yield Item(id=f"line-{number}", uri=self._document.resolve(text))
                    else:
                        yield Item(id=f"line-{number}", text=text)
            except UnicodeError as error:
                raise self._document.undecodable(error) from error
