"""The rows of a manifest, one at a time, whatever its format."""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Self, TypeAlias

from alaas.errors import SourceError
from alaas.sources._document import Document
from alaas.sources._names import ending

Row: TypeAlias = dict[str, Any]
"""Cells by column: text in CSV, whatever JSON holds in JSONL, plain Python values in Parquet."""


class BadRow:
    """A row that cannot be read, and why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Rows(ABC):
    """An open manifest. Use as a context manager."""

    columns: Sequence[str] = ()
    """In the manifest's order; for JSONL those of its first row."""
    total: int | None = None
    """How many rows there are, if the format tells."""
    sparse: bool = False
    """Whether rows may lack columns or have others."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the row that came last stands, for messages: ``line 7``."""

    @abstractmethod
    def __iter__(self) -> Iterator[Row | BadRow]:
        """Read on to the end.

        Raises:
            SourceError: the rest cannot be read.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_rows(document: Document) -> Rows:
    """Open a manifest by its ending.

    Raises:
        SourceError: it cannot be read as what its ending says.
        MissingExtraError: it is Parquet, and pyarrow is not installed.
    """
    kind = ending(document.uri)
    if kind == ".parquet":
        from alaas.sources._parquet import ParquetRows

        return ParquetRows(document)
    if kind in (".jsonl", ".ndjson"):
        return JsonRows(document)
    return SeparatedRows(document, delimiter="\t" if kind == ".tsv" else ",")


class SeparatedRows(Rows):
    """CSV and TSV: a header, then as many cells in each row. Empty lines are skipped."""

    def __init__(self, document: Document, *, delimiter: str) -> None:
        self._document = document
        self._file = document.text(newline="")
        self._reader = csv.reader(self._file, delimiter=delimiter)
        try:
            self.columns = [name.strip() for name in self._header()]
            _check_distinct(document.uri, self.columns)
        except BaseException:
            self._file.close()
            raise

    @property
    def place(self) -> str:
        return f"line {self._reader.line_num}"

    def __iter__(self) -> Iterator[Row | BadRow]:
        columns, width, reader = self.columns, len(self.columns), self._reader
        while True:
            try:
                for cells in reader:
                    if len(cells) == width:
                        yield dict(zip(columns, cells))  # noqa: B905  (just compared; strict costs time)
                    elif cells:
                        yield BadRow(f"it has {len(cells)} cells, the header has {width}")
                return
            except csv.Error as error:  # such as a quote that is never closed; the next line is a new start
                yield BadRow(str(error))
            except UnicodeError as error:
                raise self._document.undecodable(error) from error

    def close(self) -> None:
        self._file.close()

    def _header(self) -> list[str]:
        try:
            return next((cells for cells in self._reader if any(cells)), [])
        except csv.Error as error:
            raise SourceError(f"{self._document.uri} has no header that can be read: {error}") from error
        except UnicodeError as error:
            raise self._document.undecodable(error) from error


class JsonRows(Rows):
    """JSON Lines: one object a line. Blank lines are skipped."""

    sparse = True

    def __init__(self, document: Document) -> None:
        self._document = document
        self._line = 0
        self._file = document.text(newline=None)
        self._ahead: list[tuple[int, Row | BadRow]] = []
        try:
            self._look_ahead()
        except BaseException:
            self._file.close()
            raise

    @property
    def place(self) -> str:
        return f"line {self._line}"

    def __iter__(self) -> Iterator[Row | BadRow]:
        last = self._line
        for line, row in self._ahead:
            self._line = line
            yield row
        self._line = last
        yield from self._rows()

    def close(self) -> None:
        self._file.close()

    def _look_ahead(self) -> None:
        """Learn the columns from the first row that is one, keeping what was passed on the way."""
        for row in self._rows():
            self._ahead.append((self._line, row))
            if not isinstance(row, BadRow):
                self.columns = list(row)
                return

    def _rows(self) -> Iterator[Row | BadRow]:
        parse = json.JSONDecoder().decode
        try:
            for line in self._file:
                self._line += 1
                if line.isspace():
                    continue
                try:
                    row = parse(line)
                except (ValueError, RecursionError) as error:
                    yield BadRow(f"it is not JSON: {error}")
                    continue
                yield row if type(row) is dict else BadRow('it is not a JSON object such as {"uri": …}')
        except UnicodeError as error:
            raise self._document.undecodable(error) from error


def _check_distinct(uri: str, columns: Sequence[str]) -> None:
    twice = next((name for place, name in enumerate(columns) if name in columns[:place]), None)
    if twice is not None:
        raise SourceError(f"{uri} has two columns {twice!r}; name each column once")
