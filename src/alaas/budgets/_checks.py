"""Checks of the parameters that budget managers take."""

from __future__ import annotations

import math

from alaas.errors import ConfigError


def check_count(name: str, value: object, *, least: int = 1) -> None:
    """Refuse what is not a whole number of at least ``least``.

    Raises:
        ConfigError: naming the parameter, what was got and what was expected.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"{name} must be a whole number of at least {least}, got {value!r}")


def check_number(
    name: str, value: object, *, least: float = -math.inf, above: float = -math.inf, below: float = math.inf
) -> None:
    """Refuse what is not a finite number within the bounds.

    Raises:
        ConfigError: naming the parameter, what was got and what was expected.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or not (value >= least and above < value < below)
    ):
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (("of at least", least), ("above", above), ("below", below))
            if math.isfinite(bound)
        ]
        raise ConfigError(f"{name} must be a number {' and '.join(bounds)}, got {value!r}".replace("  ", " "))
