"""Every setting by its dotted path, and the environment variable that stands for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import ByteSize
from pydantic.fields import FieldInfo

from alaas.config import Config, Section

KeyPath: TypeAlias = tuple[str, ...]

SHORTHANDS: Mapping[KeyPath, KeyPath] = {
    ("source",): ("source", "uri"),
    ("model",): ("model", "name"),
    ("model", "engine"): ("model", "engine", "name"),
    ("strategy",): ("strategy", "name"),
    ("learner",): ("learner", "name"),
    ("validation",): ("validation", "uri"),
    ("store",): ("store", "url"),
}
"""A bare value for the section stands for this key of it."""

_TEXTUAL = (str, list[str], FilePath, ByteSize)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One key: where it stands, and the field that describes it; ``section`` if it has keys of its own."""

    path: KeyPath
    field: FieldInfo
    section: type[Section] | None

    @property
    def dotted(self) -> str:
        """The path as people write it: ``cache.max_size``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable: ``ALAAS_CACHE_MAX_SIZE``."""
        return "_".join(("ALAAS", *self.path)).upper()

    @property
    def takes_text(self) -> bool:
        """Whether text is a value of it as it stands, and not a way to write a number."""
        return any(
            kind in _TEXTUAL or get_origin(kind) is Literal for kind in _members(self.field.annotation)
        )

    @property
    def is_list(self) -> bool:
        """Whether it is always a list; text is then split at commas."""
        kinds = _members(self.field.annotation)
        return list[str] in kinds and str not in kinds


@cache
def settings() -> Mapping[KeyPath, Setting]:
    """Every setting and section, in the order of the file."""
    return {setting.path: setting for setting in _walk(Config, ())}


def keys_of(path: KeyPath) -> list[str]:
    """The keys that may stand under the section at ``path``; none if it is not a section."""
    section = Config if not path else settings()[path].section if path in settings() else None
    return sorted(section.model_fields) if section else []


def _walk(section: type[Section], above: KeyPath) -> Iterator[Setting]:
    for name, field in section.model_fields.items():
        path = (*above, name)
        inner = _section(field)
        yield Setting(path=path, field=field, section=inner)
        if inner is not None:
            yield from _walk(inner, path)


def _section(field: FieldInfo) -> type[Section] | None:
    kinds = _members(field.annotation)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)


def _members(annotation: Any) -> list[Any]:
    """The plain types that a union is made of."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in _members(part)]
    return [annotation]
