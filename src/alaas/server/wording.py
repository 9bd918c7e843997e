"""One sentence for what is wrong with a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from alaas.errors import nearest

_SHOWN = 60


def sentence(errors: Sequence[Mapping[str, Any]], model: type[BaseModel] | None = None) -> str:
    """Name the first thing that is wrong: where, what was got, what was expected.

    Args:
        errors: as pydantic gives them.
        model: what the request was to be; an unknown key is then told the nearest known one.
    """
    if not errors:
        return "the request is not what was expected"
    first, further = errors[0], len(errors) - 1
    more = f" ({further} more like this)" if further else ""
    return f"{_place(first['loc'])}{_reason(first, model)}{more}"


def _place(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        if part in ("body", "query", "header", "path"):
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return f"{path}: " if path else ""


def _reason(error: Mapping[str, Any], model: type[BaseModel] | None) -> str:
    kind, got = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return f"unknown key; {_meant(error['loc'], model)}" if model else "unknown key"
    if kind == "json_invalid":
        return f"the body is not JSON: {error.get('ctx', {}).get('error', error['msg'])}"
    message = str(error["msg"])
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}, got {_shown(got)}"


def _meant(location: Sequence[str | int], model: type[BaseModel]) -> str:
    """The nearest key that may stand at the place of an unknown one."""
    parent = model
    for part in location[:-1]:
        if isinstance(part, str) and part in parent.model_fields:
            parent = _below(parent.model_fields[part].annotation) or parent
    return nearest(str(location[-1]), [field.alias or name for name, field in parent.model_fields.items()])


def _below(annotation: Any) -> type[BaseModel] | None:
    """The model in a field's annotation, which may be a list of it or an alternative."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _below(part))), None)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
