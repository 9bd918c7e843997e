"""From the name of a format to its pieces of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from alaas.errors import UnknownNameError
from alaas.projects._export._coco import coco
from alaas.projects._export._csv import csv
from alaas.projects._export._jsonl import jsonl
from alaas.projects._export._label_studio import label_studio
from alaas.projects._export._row import ExportRow

_Write = Callable[[str, Sequence[str], Iterable[ExportRow]], Iterator[str]]

_FORMATS: Final[Mapping[str, _Write]] = {
    "jsonl": jsonl,
    "csv": csv,
    "coco": coco,
    "label-studio": label_studio,
}

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "coco": "application/json",
    "label-studio": "application/json",
}
"""What a server calls each format. All are UTF-8."""

_PIECE: Final = 1 << 16
"""Characters after which a piece is handed on: few calls, and little in memory."""


def export(form: str, project_name: str, classes: Sequence[str], rows: Iterable[ExportRow]) -> Iterator[str]:
    """Write a project's items and labels; memory does not grow with their number.

    Args:
        form: ``jsonl``, ``csv``, ``coco`` or ``label-studio``.
        project_name: what the file calls the project.
        classes: in the order of the learner's numbers.
        rows: in the order of the items' numbers; read once, as pieces are taken.

    Raises:
        UnknownNameError: there is no such format; raised before the first piece is taken.
    """
    if form not in _FORMATS:
        raise UnknownNameError("export format", form, _FORMATS)
    return _gathered(_FORMATS[form](project_name, classes, rows))


def _gathered(parts: Iterator[str]) -> Iterator[str]:
    """The same text in larger pieces."""
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)
