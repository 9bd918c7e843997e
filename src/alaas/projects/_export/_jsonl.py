"""JSON Lines: one object an item, with everything that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alaas.projects._export._row import ExportRow, moment, plain, to_json
from alaas.stores import AnswerRow


def jsonl(project: str, classes: Sequence[str], rows: Iterable[ExportRow]) -> Iterator[str]:  # noqa: ARG001
    """Write each item with its label and the answers behind it; keys without a value are left out."""
    for row in rows:
        item = row.item
        line: dict[str, Any] = {"id": item.id, "state": item.state, "role": item.role}
        known: dict[str, Any] = {"uri": item.uri, "text": item.text, "label": plain(item.label)}
        known |= {"row": None if item.row is None else dict(item.row), "reason": item.reason}
        line |= {key: value for key, value in known.items() if value is not None}
        line["cost"] = item.cost
        line["metadata"] = dict(item.metadata)
        line["answers"] = [_answer(answer) for answer in row.answers]
        yield to_json(line) + "\n"


def _answer(answer: AnswerRow) -> dict[str, Any]:
    line: dict[str, Any] = {"annotator": answer.annotator, "kind": answer.kind}
    known = {"label": plain(answer.value), "reason": answer.reason, "batch": answer.batch}
    line |= {key: value for key, value in known.items() if value is not None}
    return line | {"final": answer.final, "at": moment(answer.at), "sequence": answer.sequence}
