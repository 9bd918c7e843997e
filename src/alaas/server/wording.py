"""One sentence for what is wrong with a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from alaas.errors import nearest
from alaas.protocol import ItemBody, SelectRequest, SourceBody, StrategyChoice

_SHOWN = 60
_BELOW: Mapping[str, type[BaseModel]] = {"items": ItemBody, "source": SourceBody, "strategy": StrategyChoice}


def sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Name the first thing that is wrong: where, what was got, what was expected.

    Args:
        errors: as pydantic gives them.
    """
    if not errors:
        return "the request is not what was expected"
    first, further = errors[0], len(errors) - 1
    more = f" ({further} more like this)" if further else ""
    return f"{_place(first['loc'])}{_reason(first)}{more}"


def _place(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        if part in ("body", "query", "header", "path"):
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return f"{path}: " if path else ""


def _reason(error: Mapping[str, Any]) -> str:
    kind, got = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return f"unknown key; {_meant(error['loc'])}"
    if kind == "json_invalid":
        return f"the body is not JSON: {error.get('ctx', {}).get('error', error['msg'])}"
    message = str(error["msg"])
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}, got {_shown(got)}"


def _meant(location: Sequence[str | int]) -> str:
    """The nearest key that may stand at the place of an unknown one."""
    parents = [part for part in location[:-1] if isinstance(part, str) and part != "body"]
    model = _BELOW.get(parents[0], SelectRequest) if parents else SelectRequest
    return nearest(str(location[-1]), model.model_fields)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
