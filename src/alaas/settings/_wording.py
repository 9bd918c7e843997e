"""Say in words what a setting expects, from the JSON Schema of its field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from alaas.config import Config
from alaas.settings._names import KeyPath, settings

_KINDS = {"string": "text", "boolean": "true or false", "integer": "a whole number", "number": "a number"}


def expected(path: KeyPath) -> str:
    """What may stand at ``path``: ``a whole number from 0 to 20``."""
    setting = settings().get(path)
    if setting is not None and setting.is_list:
        return "a list of texts, or texts separated by commas"
    return _phrase(property_schema(path))


def property_schema(path: KeyPath) -> Mapping[str, Any]:
    """The JSON Schema of the setting at ``path``."""
    here: Mapping[str, Any] = _schema()
    for key in path:
        here = _section(here)["properties"][key]
    return here


@cache
def _schema() -> Mapping[str, Any]:
    return Config.model_json_schema()


def _section(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for choice in (schema, *schema.get("anyOf", ())):
        if "$ref" in choice:
            found: Mapping[str, Any] = _schema()["$defs"][choice["$ref"].rpartition("/")[2]]
            return found
    return schema


def _phrase(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return _choice([choice for choice in schema["anyOf"] if choice.get("type") != "null"])
    if "$ref" in schema:
        return "settings under it, one `key: value` a line"
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kind = schema.get("type", "")
    if kind in ("integer", "number"):
        return _KINDS[kind] + _range(schema)
    if kind == "array":
        return _list(schema)
    if kind == "object":
        return "names with values"
    return "a path" if schema.get("format") == "path" else _KINDS.get(kind, "another value")


def _choice(choices: list[Mapping[str, Any]]) -> str:
    if any("pattern" in choice for choice in choices):
        return "a size such as 64MB or 10GB, or a number of bytes"
    return " or ".join(_phrase(choice) for choice in choices)


def _list(schema: Mapping[str, Any]) -> str:
    if "prefixItems" in schema:
        parts = schema["prefixItems"]
        each = _phrase(parts[0]).removeprefix("a ").replace("number", "numbers")
        return f"a list of {len(parts)} {each}"
    return "a list of texts" if schema.get("items") == {"type": "string"} else "a list"


def _range(schema: Mapping[str, Any]) -> str:
    least, most, above = (schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    if least is not None:
        return f" of at least {least:g}"
    return f" above {above:g}" if above is not None else ""
