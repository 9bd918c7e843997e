"""From a name and parameters, as they stand in YAML, to a strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alaas.errors import ConfigError, nearest
from alaas.registry import Registry
from alaas.strategies._base import Strategy
from alaas.strategies._expression import holds_strategies, is_expression, parameters_of, parse
from alaas.types import JSON

registry: Registry[Strategy] = Registry("strategy", "alaas.strategies", Strategy)  # type: ignore[type-abstract]


def build(strategy: str, parameters: Mapping[str, JSON] | None = None) -> Strategy:
    """Make a strategy.

    Args:
        strategy: its name, or an expression such as ``margin >> k_center`` or ``power(margin, beta=2)``.
        parameters: its parameters by name. One that is a strategy may be given as an expression, or as a
            mapping with the keys ``name`` and ``parameters``.

    Raises:
        UnknownNameError: no strategy has that name; the nearest is named.
        ConfigError: it has no such parameter, or refuses its value, or the expression is malformed.
    """
    if is_expression(strategy):
        if parameters:
            raise ConfigError(
                f"strategy {strategy!r} is an expression and got parameters {dict(parameters)} besides; "
                "write them into the expression"
            )
        return parse(strategy, _make)
    return _make(strategy, parameters or {})


def _make(name: str, parameters: Mapping[str, Any]) -> Strategy:
    cls = registry.get(name)
    fields = {field.name: field for field in parameters_of(cls)}
    given: dict[str, Any] = {}
    for key, value in parameters.items():
        if key not in fields:
            raise ConfigError(f"strategy {name!r} has no parameter {key!r}; {nearest(key, fields)}")
        kind = holds_strategies(fields[key])
        if kind == "one":
            given[key] = _nested(name, key, value)
        elif kind == "many":
            parts = value if isinstance(value, (list, tuple)) else [value]
            given[key] = tuple(_nested(name, key, part) for part in parts)
        else:
            given[key] = tuple(value) if isinstance(value, list) else value
    try:
        return cls(**given)
    except (TypeError, ValueError) as error:
        shown = {key: str(value) if isinstance(value, Strategy) else value for key, value in given.items()}
        raise ConfigError(f"strategy {name!r} refuses its parameters {shown}: {error}") from error


def _nested(name: str, key: str, value: object) -> Strategy:
    if isinstance(value, Strategy):
        return value
    if isinstance(value, str):
        return build(value)
    if isinstance(value, Mapping) and "name" in value and set(value) <= {"name", "parameters"}:
        return build(str(value["name"]), value.get("parameters"))
    raise ConfigError(
        f"parameter {key!r} of strategy {name!r} is a strategy; got {value!r}, expected a name, an "
        "expression or a mapping with name and parameters"
    )
