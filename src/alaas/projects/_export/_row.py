"""What every format is written from, and how all of them write JSON and times."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alaas.stores import AnswerRow, ItemRow, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportRow:
    """An item and what each annotator says of it now, the latest answer of each."""

    item: ItemRow
    answers: tuple[AnswerRow, ...] = ()


def classes_of(value: Value | None) -> list[str]:
    """The classes of a label: none, one, or several."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def plain(value: Value | None) -> str | list[str] | None:
    """A label as JSON says it: a text, or a list for a multi-label task."""
    return value if value is None or isinstance(value, str) else list(value)


def moment(seconds: float) -> str:
    """A time since 1970 as ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_json(value: Any) -> str:
    """JSON on one line; NaN and infinities, which JSON cannot say, become null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value
