"""Answers from a file or a pipe: JSON lines, or CSV with the columns ``item`` and ``label``."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from alaas.errors import UsageError

if TYPE_CHECKING:
    from alaas.protocol import AnswerBody

_COLUMNS = ("item", "label", "skip", "unsure", "defer")
_PIPE = "-"


def read_answers(file: str, *, several: bool) -> list[AnswerBody]:
    """Read answers; ``-`` is stdin.

    A line of JSON is what a server takes: ``{"item": id, "label": "cat"}``, or ``["a", "b"]`` for a
    multi-label task, or ``skip``, ``unsure`` or ``defer`` with a reason instead of a label.

    Args:
        file: the path of a .jsonl or .csv file, or ``-``; what is in a pipe is told by how it begins.
        several: whether a CSV cell may hold several classes, separated by semicolons.

    Raises:
        UsageError: it cannot be read, is empty, or a line is malformed; the line is named.
    """
    text = _text(file)
    name = "stdin" if file == _PIPE else file
    rows = _json_rows(text, name) if text.lstrip().startswith("{") else _csv_rows(text, name, several)
    answers: dict[str, AnswerBody] = {}
    for line, row in rows:
        answer = _answer(row, f"{name}, line {line}")
        if answer.item in answers:
            raise UsageError(f"{name}, line {line}: item {answer.item!r} is answered twice")
        answers[answer.item] = answer
    if not answers:
        raise UsageError(f"{name} holds no answers; expected lines of JSON, or CSV with item,label")
    return [*answers.values()]


def _text(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == _PIPE else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not text in UTF-8 ({error.reason} at byte {error.start})") from error


def _json_rows(text: str, name: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"{name}, line {number}: no JSON ({error.msg})") from error


def _csv_rows(text: str, name: str, several: bool) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(io.StringIO(text))
    header = [column.strip() for column in reader.fieldnames or ()]
    unknown = [column for column in header if column not in _COLUMNS]
    if "item" not in header or unknown:
        raise UsageError(
            f"{name}: expected CSV with the columns item and label (and perhaps skip, unsure, defer), got "
            f"{', '.join(header) or 'nothing'}"
        )
    reader.fieldnames = header
    for row in reader:
        said: dict[str, object] = {key: cell for key, cell in row.items() if key is not None and cell}
        label = said.get("label")
        if several and isinstance(label, str):
            said["label"] = [part.strip() for part in label.split(";") if part.strip()]
        yield reader.line_num, said


def _answer(row: object, place: str) -> AnswerBody:
    from pydantic import ValidationError

    from alaas.protocol import AnswerBody

    try:
        return AnswerBody.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{place}: {f'{where}: ' if where else ''}{message}") from error
