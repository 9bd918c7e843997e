"""Tables: from a row of numbers and categories to a vector."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Final

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alaas.config import LimitSettings
from alaas.errors import DecodeError, LimitError, UsageError
from alaas.modalities._base import Decoded, Modality
from alaas.modalities._checks import carried, check_bytes, refusal
from alaas.modalities._columns import Column, NumberColumn, Observed, refuse_cell
from alaas.types import JSON, Cell, Item, ModalityName

_REVISION: Final = 1
"""Goes up when the same rows give other vectors."""
_MOST_COLUMNS: Final = 4096


class Table(Modality):
    """Turns rows into vectors, by what one pass over the pool taught about its columns.

    A column whose cells are numbers is standardised; any other has a place for each of its most frequent
    categories and one for the rest. Where cells are missing a further place says so. Columns come in the
    order of their names; those that the pool does not have are left out of account.

    Args:
        limits: caps the bytes of one row.
    """

    name: ClassVar[ModalityName] = "table"

    def __init__(self, *, limits: LimitSettings) -> None:
        self.limits = limits
        self._columns: tuple[Column, ...] | None = None

    @property
    def fingerprint(self) -> str:
        """Includes what was learnt."""
        learnt = [] if self._columns is None else [asdict(column) for column in self._columns]
        return f"table/{_REVISION} {blake3(json.dumps(learnt).encode()).hexdigest()}"

    @property
    def prepares(self) -> bool:
        return True

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that were learnt."""
        return tuple(column.name for column in self._columns or ())

    def recipe(self) -> Mapping[str, JSON]:
        """The columns in the order of their places; see ``NumberColumn`` and ``CategoryColumn``."""
        columns: list[JSON] = [
            {"kind": "number" if isinstance(column, NumberColumn) else "category", **asdict(column)}
            for column in self._columns or ()
        ]
        return {"modality": self.name, "columns": columns}

    def prepare(self, items: Iterable[Item]) -> None:
        """Learn kinds, scales and categories from one pass; what was learnt before is forgotten.

        Items without a row are passed over: ``inline`` will refuse them.

        Raises:
            LimitError: more columns than make sense.
        """
        observed: dict[str, Observed] = {}
        rows = 0
        for item in items:
            if item.row is None:
                continue
            rows += 1
            for name, cell in item.row.items():
                column = observed.get(name)
                if column is None:
                    if len(observed) == _MOST_COLUMNS:
                        raise LimitError(
                            f"the table has more than {_MOST_COLUMNS:,} columns, {name!r} at row {rows:,}; "
                            "leave out those that say nothing, or do the rows have keys of their own?"
                        )
                    column = observed[name] = Observed()
                column.add(cell)
        learnt = (observed[name].learn(name, rows) for name in sorted(observed))
        self._columns = tuple(column for column in learnt if column is not None)

    def inline(self, item: Item) -> bytes | None:
        """The row as JSON, the same bytes whatever the order of its columns."""
        found = carried(item)
        if item.row is None or found != "row":
            raise refusal(self.name, found)
        try:
            return json.dumps(dict(item.row), sort_keys=True, separators=(",", ":")).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise DecodeError(f"a row of something else than numbers, texts and nothing: {error}") from error

    def decode(self, content: bytes) -> Decoded:
        """Turn one row into a vector.

        Returns:
            Shape (D,), float32, finite.

        Raises:
            DecodeError: not a row, or an infinite number; the message names the column.
            UsageError: ``prepare`` has not been called.
        """
        if self._columns is None:
            raise UsageError(
                "the table's columns are not known yet; call prepare with the pool's items first"
            )
        row = self._parse(content)
        if not self._columns:
            raise DecodeError("no column of the table holds anything")
        vector = np.zeros(sum(column.width for column in self._columns))
        start = 0
        for column in self._columns:
            cell = row.get(column.name)
            refuse_cell(column.name, cell, spelt=isinstance(column, NumberColumn))
            column.write(cell, vector[start : start + column.width])
            start += column.width
        return vector.astype(np.float32)

    def check(self, content: bytes) -> None:
        """As ``decode``, but before ``prepare`` only numbers, not texts that spell one, are looked at."""
        if self._columns is not None:
            self.decode(content)
            return
        for name, cell in self._parse(content).items():
            refuse_cell(name, cell, spelt=False)

    def _parse(self, content: bytes) -> Mapping[str, Cell]:
        check_bytes(content, self.limits)
        try:
            row = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"not a row: {content[:24]!r} is not JSON ({error})") from error
        if not isinstance(row, dict):
            raise DecodeError(
                f"not a row: a JSON {type(row).__name__}; expected an object of column and cell"
            )
        return row

    def example(self) -> Decoded:
        """A row of zeros; before ``prepare``, of no columns."""
        return np.zeros(sum(column.width for column in self._columns or ()), dtype=np.float32)

    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, NDArray[Any]]:
        """``rows``: (b, D), float32."""
        return {"rows": np.stack(batch)}
