"""Parquet, one batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from alaas.errors import MissingExtraError, SourceError
from alaas.sources._document import Document
from alaas.sources._rows import BadRow, Row, Rows

_BATCH = 4096


class ParquetRows(Rows):
    """Streams row groups; cells become plain Python values."""

    def __init__(self, document: Document) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise MissingExtraError(f"reading the Parquet file {document.uri}", "parquet") from error
        # A damaged file is reported as ArrowException or as OSError, depending on where the damage lies.
        self._failures = (pyarrow.ArrowException, OSError)
        self._document = document
        self._number = 0
        self._raw = document.open()
        try:
            self._file = parquet.ParquetFile(self._raw)
        except self._failures as error:
            self._raw.close()
            raise self._broken(error) from error
        self.columns = list(self._file.schema_arrow.names)
        self.total = int(self._file.metadata.num_rows)

    @property
    def place(self) -> str:
        return f"row {self._number}"

    def __iter__(self) -> Iterator[Row | BadRow]:
        try:
            # One thread: the cores belong to decoding and inference.
            for batch in self._file.iter_batches(batch_size=_BATCH, use_threads=False):
                cells = [_plain(column.to_pylist()) for column in batch.columns]
                for row in zip(*cells, strict=True):
                    self._number += 1
                    yield dict(zip(self.columns, row, strict=True))
        except self._failures as error:
            raise self._broken(error) from error

    def close(self) -> None:
        self._file.close()
        self._raw.close()

    def _broken(self, error: Exception) -> SourceError:
        return SourceError(f"{self._document.uri} is not a Parquet file, or a damaged one: {error}")


def _plain(cells: list[Any]) -> list[Any]:
    return [_PLAIN[type(cell)](cell) if type(cell) in _PLAIN else cell for cell in cells]


_PLAIN: dict[type, Any] = {
    Decimal: float,
    bytes: lambda cell: cell.decode("utf-8", "replace"),
    date: date.isoformat,
    datetime: datetime.isoformat,
    time: time.isoformat,
}
"""What JSON has no word for."""
