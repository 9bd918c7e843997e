"""Checks of the parameters that strategies take."""

from __future__ import annotations

import math
from collections.abc import Iterable

from alaas.errors import ConfigError


def check_number(name: str, value: object, *, least: float, most: float = math.inf) -> None:
    """Refuse what is not a finite number from ``least`` to ``most``.

    Raises:
        ConfigError: naming the parameter, what was got and what was expected.
    """
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not sound or not least <= float(value) <= most:  # type: ignore[arg-type]
        raise ConfigError(f"{name} must be a number {_range(least, most)}, got {value!r}")


def check_count(name: str, value: object, *, least: int = 1) -> None:
    """Refuse what is not a whole number of at least ``least``.

    Raises:
        ConfigError: naming the parameter, what was got and what was expected.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"{name} must be a whole number of at least {least}, got {value!r}")


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse what is not one of ``choices``.

    Raises:
        ConfigError: naming the parameter, what was got and what was expected.
    """
    known = list(choices)
    if value not in known:
        raise ConfigError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def _range(least: float, most: float) -> str:
    return f"of at least {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
