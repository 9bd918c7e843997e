"""From a name and parameters, as they stand in YAML, to a strategy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from alaas.errors import ConfigError, nearest
from alaas.registry import Registry
from alaas.strategies._base import Strategy
from alaas.types import JSON

registry: Registry[Strategy] = Registry("strategy", "alaas.strategies", Strategy)  # type: ignore[type-abstract]


def build(name: str, parameters: Mapping[str, JSON] | None = None) -> Strategy:
    """Make the strategy called ``name`` with its parameters.

    Raises:
        UnknownNameError: no strategy has that name; the nearest is named.
        ConfigError: it has no such parameter, or refuses its value.
    """
    cls = registry.get(name)
    given = dict(parameters or {})
    known: set[str] = (
        {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    )
    for key in given:
        if key not in known:
            raise ConfigError(f"strategy {name!r} has no parameter {key!r}; {nearest(key, known)}")
    try:
        return cls(**given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"strategy {name!r} refuses its parameters {given}: {error}") from error
