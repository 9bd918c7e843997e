"""A part of the file, and the kinds of values that it is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)


def named(value: Any) -> Any:
    """Let ``strategy: margin`` stand for ``strategy: {name: margin}``."""
    return {"name": value} if isinstance(value, str) else value


def located(value: Any) -> Any:
    """Let ``source: photos/`` and ``source: [a.jpg, b.jpg]`` stand for ``source: {uri: …}``."""
    return {"uri": value} if isinstance(value, (str, list)) else value


def addressed(value: Any) -> Any:
    """Let ``store: sqlite:///x.db`` stand for ``store: {url: …}``."""
    return {"url": value} if isinstance(value, str) else value


def split(value: Any) -> Any:
    """Let an environment variable hold a list, separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaList = Annotated[list[str], BeforeValidator(split, json_schema_input_type=str | list[str])]
Bytes = Annotated[
    ByteSize,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9.]+\s*([kKmMgGtTpP]?i?[bB]?)\s*$"},
            ]
        }
    ),
]
"""A size such as 64MB or 10GB (powers of 1000), 64MiB (powers of 1024), or a number of bytes."""


class Section(BaseModel):
    """A part of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=False)

    @field_validator("*", mode="before")
    @classmethod
    def _keep_booleans_apart(cls, value: Any, info: ValidationInfo) -> Any:
        # Python counts True as 1, so `budget: yes` would otherwise ask for one item.
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise ValueError("true or false has no meaning here")
        return value
