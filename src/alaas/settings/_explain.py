"""From pydantic's list of what is wrong to one sentence: where, what was expected, what was got."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from alaas.errors import ConfigError, nearest
from alaas.settings._layers import Layer
from alaas.settings._names import KeyPath, keys_of, settings
from alaas.settings._wording import expected

_SHOWN = 60
_MOST = 3


def explain(error: ValidationError, layers: Sequence[Layer]) -> ConfigError:
    """Put into words what is wrong with the merged ``layers``, the strongest last."""
    problems: dict[KeyPath, str] = {}
    for detail in error.errors(include_url=False, include_context=False):
        path = _path(detail)
        if path not in problems:  # the members of a union complain one by one about the same value
            problems[path] = _problem(detail, path, layers)
    first, *others = problems.values()
    label = next((layer.label for layer in layers if layer.label and first.startswith(layer.label)), "")
    sentences = [first, *(other.removeprefix(label) for other in others)]
    further = len(sentences) - _MOST
    more = f"; and {further} more" if further > 0 else ""
    return ConfigError("; also ".join(sentences[:_MOST]) + more)


def _path(detail: ErrorDetails) -> KeyPath:
    """The place of the key; what follows in pydantic's location are union members and list positions."""
    path: KeyPath = ()
    for part in detail["loc"]:
        deeper = (*path, str(part))
        if deeper not in settings():
            unknown = detail["type"] == "extra_forbidden" and isinstance(part, str)
            return deeper if unknown else path
        path = deeper
    return path


def _problem(detail: ErrorDetails, path: KeyPath, layers: Sequence[Layer]) -> str:
    origin = next((layer for layer in reversed(layers) if path in layer), None)
    inner = detail["loc"][len(path) :]
    if len(inner) > 1 and isinstance(inner[0], int):
        return f"{origin.name(path) if origin else '.'.join(path)}{_within(inner)}: {_said(detail)}"
    if detail["type"] == "extra_forbidden":
        return f"{origin.label if origin else ''}{unknown_key(path)}"
    if detail["type"] == "missing" and origin is None:
        holder = next((layer for layer in reversed(layers) if path[:-1] in layer), None)
        return f"{holder.label if holder else ''}{'.'.join(path)} is missing; expected {expected(path)}"
    name = origin.name(path) if origin else ".".join(path)
    if detail["type"] == "value_error" and not isinstance(detail["input"], bool):
        return f"{name}: {_said(detail)}"  # the setting's own check says it best
    quote = "; put it in quotes" if detail["type"] == "string_type" and _is_scalar(detail["input"]) else ""
    return f"{name}: expected {expected(path)}, got {_shown(detail['input'])}{quote}"


def _within(inner: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner)


def _said(detail: ErrorDetails) -> str:
    """What is wrong inside one entry of a list; without what was got, which may be a secret."""
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    told = detail["msg"].removeprefix("Value error, ")
    return "it is missing" if detail["type"] == "missing" else told[:1].lower() + told[1:]


def unknown_key(path: KeyPath) -> str:
    """Say that there is no such key, and where or how it was probably meant."""
    *above, key = path
    where = f" under {'.'.join(above)}" if above else ""
    elsewhere = [found for found in settings() if found[-1] == key]
    if elsewhere:
        homes = " or ".join(".".join(found) for found in elsewhere)
        return f"unknown key {key!r}{where}; did you mean {homes}?"
    return f"unknown key {key!r}{where}; {nearest(key, keys_of(tuple(above)))}"


def _is_scalar(value: object) -> bool:
    return isinstance(value, (int, float)) or value.__class__.__module__ == "datetime"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, (str, bool, int, float, list, tuple, dict)) else repr(str(value))
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
