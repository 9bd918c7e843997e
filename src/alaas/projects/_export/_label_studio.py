"""Label Studio's tasks: https://labelstud.io/guide/task_format"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alaas.projects._export._row import ExportRow, classes_of, moment, to_json
from alaas.stores import AnswerRow, ItemRow


def label_studio(
    project: str,
    classes: Sequence[str],  # noqa: ARG001
    rows: Iterable[ExportRow],
) -> Iterator[str]:
    """Write one task an item, and in it one annotation for each annotator who gave a label or none.

    The interface has an object ``item`` and choices ``label``. An answer without a label is a cancelled
    annotation; one that was put off is left out. ``data.alaas_id`` is the item's id, which Label Studio
    keeps, so that its own export can be told back. Annotators stand in each result's ``meta``: as
    ``completed_by`` it would take only its own users.
    """
    yield "["
    for place, row in enumerate(rows):
        task = {
            "id": row.item.number + 1,
            "data": _data(row.item),
            "meta": {"project": project, "state": row.item.state, "role": row.item.role},
            "annotations": [_annotation(answer) for answer in row.answers if answer.kind != "defer"],
            "predictions": [],
        }
        yield (",\n" if place else "\n") + to_json(task)
    yield "\n]\n"


def _data(item: ItemRow) -> dict[str, Any]:
    known = {"uri": item.uri, "text": item.text, "row": None if item.row is None else dict(item.row)}
    return {"alaas_id": item.id} | {key: value for key, value in known.items() if value is not None}


def _annotation(answer: AnswerRow) -> dict[str, Any]:
    meta: dict[str, Any] = {"annotator": answer.annotator, "kind": answer.kind}
    if answer.reason is not None:
        meta["reason"] = answer.reason
    labelled = answer.kind == "label"
    result = {
        "id": f"answer-{answer.sequence}",
        "from_name": "label",
        "to_name": "item",
        "type": "choices",
        "value": {"choices": classes_of(answer.value)},
        "meta": meta,
    }
    return {
        "id": answer.sequence,
        "result": [result] if labelled else [],
        "was_cancelled": not labelled,
        "ground_truth": answer.final,
        "created_at": moment(answer.at),
        "meta": meta,
    }
