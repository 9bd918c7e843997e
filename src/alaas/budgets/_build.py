"""From a name and parameters, as they stand in YAML, to a budget manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from alaas.budgets._base import BudgetManager
from alaas.errors import ConfigError, nearest
from alaas.registry import Registry
from alaas.types import JSON

registry: Registry[BudgetManager] = Registry("budget manager", "alaas.budgets", BudgetManager)  # type: ignore[type-abstract]


def build(name: str, parameters: Mapping[str, JSON] | None = None) -> BudgetManager:
    """Make a budget manager that has seen nothing yet.

    Raises:
        UnknownNameError: none has that name; the nearest is named.
        ConfigError: it has no such parameter, or refuses its value.
    """
    cls = registry.get(name)
    known = [field.name for field in fields(cls) if field.init]
    for key in parameters or {}:
        if key not in known:
            raise ConfigError(f"budget manager {name!r} has no parameter {key!r}; {nearest(key, known)}")
    try:
        return cls(**(parameters or {}))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"budget manager {name!r} refuses its parameters {dict(parameters or {})}: {error}"
        ) from error
