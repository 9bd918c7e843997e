"""CSV: one line an item, for spreadsheets, and to be read again as a manifest."""

from __future__ import annotations

import csv as standard
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from alaas.errors import UsageError
from alaas.projects._export._row import ExportRow, classes_of, to_json

COLUMNS: Final = ("id", "uri", "text", "row", "label", "state", "role", "cost", "reason", "answers")
_SEPARATOR: Final = ";"
"""Between the classes of a multi-label cell, as in a manifest."""


def csv(project: str, classes: Sequence[str], rows: Iterable[ExportRow]) -> Iterator[str]:  # noqa: ARG001
    """Write the columns ``COLUMNS``; ``answers`` counts the annotators who gave a label.

    Raises:
        UsageError: an item has several classes, and one of them holds the character that separates them.
    """
    yield _line(COLUMNS)
    for row in rows:
        item = row.item
        names = classes_of(item.label)
        if not isinstance(item.label, str) and any(_SEPARATOR in name for name in names):
            raise UsageError(
                f"the item {item.id!r} has the classes {', '.join(map(repr, names))}, which a CSV cell would "
                f"separate by {_SEPARATOR!r}; export as jsonl"
            )
        cells = None if item.row is None else to_json(dict(item.row))
        labels = sum(answer.kind == "label" for answer in row.answers)
        label = _SEPARATOR.join(names)
        yield _line(
            (
                item.id,
                item.uri,
                item.text,
                cells,
                label,
                item.state,
                item.role,
                item.cost,
                item.reason,
                labels,
            )
        )


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    standard.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
