"""From a name and parameters, as they stand in YAML, to a learner."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any

from alaas.errors import ConfigError, nearest
from alaas.learners._base import Learner
from alaas.registry import Registry
from alaas.types import JSON

registry: Registry[Learner] = Registry("learner", "alaas.learners", Learner)  # type: ignore[type-abstract]


def build(name: str, parameters: Mapping[str, JSON] | None = None, *, own: bool = True) -> Learner:
    """Make a learner.

    Args:
        name: its name, or ``module:Class`` for a class of one's own that can be imported.
        parameters: its parameters by name.
        own: whether both come from who runs the process. Another's ``module:Class`` is refused, and so are
            parameters that name code, because importing a module runs it.

    Raises:
        UnknownNameError: no learner has that name; the nearest is named.
        ConfigError: it has no such parameter, or refuses its value, or the class cannot be had.
    """
    if ":" in name and not own:
        raise ConfigError(f"learner {name!r} is a class; only the server's own configuration may name one")
    cls = _imported(name) if ":" in name else registry.get(name)
    fields = [field.name for field in parameters_of(cls)]
    given: dict[str, Any] = {}
    for key, value in (parameters or {}).items():
        if key in cls.code and not own:
            raise ConfigError(
                f"parameter {key!r} of learner {name!r} names code; only the server's own configuration may"
            )
        if key not in fields:
            raise ConfigError(f"learner {name!r} has no parameter {key!r}; {nearest(key, fields)}")
        given[key] = tuple(value) if isinstance(value, list) else value
    try:
        return cls(**given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"learner {name!r} refuses its parameters {given}: {error}") from error


def parameters_of(cls: type[Learner]) -> tuple[dataclasses.Field[Any], ...]:
    """The parameters of a learner: the fields that its constructor takes."""
    return (
        tuple(field for field in dataclasses.fields(cls) if field.init)
        if dataclasses.is_dataclass(cls)
        else ()
    )


def _imported(name: str) -> type[Learner]:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"learner {name!r} cannot be imported: {error}; expected module:Class, such as "
            "my_package.learners:MyLearner, that Python finds from here"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Learner)):
        raise ConfigError(f"learner {name!r} is not a class that extends alaas.learners.Learner")
    return found
