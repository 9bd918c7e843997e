"""Which column of a manifest means what, and from a row to an item."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from alaas.config import SourceSettings
from alaas.errors import SourceError, nearest
from alaas.sources._base import Entry
from alaas.sources._rows import Row, Rows
from alaas.types import FailedItem, Item, ModalityName

Carrier = Literal["uri", "text", "row"]
_NESTED = frozenset({list, dict})


class Meaning:
    """Turns the rows of one manifest into items.

    Args:
        name: the manifest, for messages.
        columns: those that it has.
        sparse: whether a row may have others.
        resolve: makes a URI in the manifest absolute.

    Raises:
        SourceError: a needed column is missing.
    """

    def __init__(
        self,
        settings: SourceSettings,
        modality: ModalityName | None,
        *,
        name: str,
        columns: Sequence[str],
        sparse: bool,
        resolve: Callable[[str], str],
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self.carrier = carrier_of(settings, modality, name, columns)
        if not sparse:
            _check_named(settings, name, columns)
        self._column = settings.text_column if self.carrier == "text" else settings.uri_column
        self._metadata = None if settings.metadata_columns is None else frozenset(settings.metadata_columns)
        self._taken = {settings.id_column, settings.cost_column, settings.label_column}
        self._taken |= (self._metadata or set()) if self.carrier == "row" else {self._column}

    def entry(self, row: Row, number: int, rows: Rows) -> Entry:
        """Make the item of row ``number``, counted from 1, the last that ``rows`` gave."""
        identity = row.get(self._settings.id_column)
        name = f"row-{number}" if identity is None or identity == "" else str(identity)
        cost = row.get(self._settings.cost_column)
        if cost is None or cost == "":
            cost = 1.0
        else:
            try:
                cost = _checked_cost(cost)
            except ValueError as error:
                return FailedItem(id=name, uri=None, reason=f"{rows.place}: {error}", code="source")
        if self.carrier == "row":
            return self._row_item(row, name, cost, rows)
        label = self._label_of(row)
        carried = row.get(self._column)
        if type(carried) is not str or not carried or carried.isspace():
            reason = f"{rows.place}: column {self._column!r} holds {carried!r}, not a {self.carrier}"
            return FailedItem(id=name, uri=None, reason=reason, code="source")
        if self.carrier == "text":
            return Item(id=name, text=carried, cost=cost, metadata=self._metadata_of(row), label=label)
        uri = self._resolve(carried)
        return Item(id=name, uri=uri, cost=cost, metadata=self._metadata_of(row), label=label)

    def _row_item(self, row: Row, name: str, cost: float, rows: Rows) -> Entry:
        cells = {column: cell for column, cell in row.items() if column not in self._taken}
        if not _NESTED.isdisjoint(map(type, cells.values())):
            column, cell = next((key, value) for key, value in cells.items() if type(value) in _NESTED)
            reason = f"{rows.place}: column {column!r} holds a {type(cell).__name__}, not a number or a text"
            return FailedItem(id=name, uri=None, reason=reason, code="source")
        metadata = {} if self._metadata is None else self._metadata_of(row)
        return Item(id=name, row=cells, cost=cost, metadata=metadata, label=self._label_of(row))

    def _label_of(self, row: Row) -> str | None:
        """What the row says of itself; an empty cell says nothing."""
        column = self._settings.label_column
        label = None if column is None else row.get(column)
        return None if label is None or label == "" else str(label)

    def _metadata_of(self, row: Row) -> dict[str, Any]:
        if self._metadata is not None:
            return {column: cell for column, cell in row.items() if column in self._metadata}
        taken = self._taken
        return {column: cell for column, cell in row.items() if column not in taken}


def carrier_of(
    settings: SourceSettings, modality: ModalityName | None, name: str, columns: Sequence[str]
) -> Carrier:
    """Which column carries the items: the text's, the URI's, or all of them.

    Raises:
        SourceError: neither is there; the message names those that are, and the nearest.
    """
    text, uri = settings.text_column, settings.uri_column
    if modality == "table":
        return "row"
    if text in columns and modality != "image":
        return "text"
    if uri in columns:
        return "uri"
    wanted = {"image": uri, "text": text}.get(modality or "", f"{uri} or {text}")
    hint = "source.uri_column" if modality == "image" else "source.text_column or source.uri_column"
    raise SourceError(
        f"{name} has no column {wanted}; {nearest(text if modality == 'text' else uri, columns)}; "
        f"name the right one in {hint}, or say modality: table if its rows are the items"
    )


def _check_named(settings: SourceSettings, name: str, columns: Sequence[str]) -> None:
    """A column that the configuration names in so many words has to be there."""
    for setting in ("id_column", "cost_column", "label_column"):
        column = getattr(settings, setting)
        if setting in settings.model_fields_set and column is not None and column not in columns:
            raise SourceError(
                f"{name} has no column {column!r} (source.{setting}); {nearest(column, columns)}"
            )
    for column in settings.metadata_columns or ():
        if column not in columns:
            raise SourceError(
                f"{name} has no column {column!r} (source.metadata_columns); {nearest(column, columns)}"
            )


def _checked_cost(value: object) -> float:
    try:
        cost = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        cost = math.nan
    if not 0 <= cost < math.inf:
        raise ValueError(f"the cost {value!r} is not a number of at least 0")
    return cost
