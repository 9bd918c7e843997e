"""What the settings may say to an engine whose model runs elsewhere."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from alaas.config import EngineSettings
from alaas.errors import ConfigError

CERTIFICATES: Final = "certificates"
"""The one option that stays here: a file to verify the server's certificate with."""


def parameters(settings: EngineSettings) -> dict[str, JsonValue]:
    """The options that go to the server, which may answer by them; in the order of their names."""
    return {key: settings.options[key] for key in sorted(settings.options) if key != CERTIFICATES}


def check_settings(settings: EngineSettings) -> None:
    """Refuse what only the server can decide.

    Raises:
        ConfigError: a precision or a device is asked for, or the model has no name.
    """
    if settings.precision != "stored":
        raise ConfigError(
            f"model.engine.precision is {settings.precision!r}, but the server of {settings.name} decides "
            "that; leave it out and name the model of that precision under model.engine.model"
        )
    if settings.devices != ["cpu"]:
        raise ConfigError(f"model.engine.devices has no meaning for {settings.name}: leave it out")
    if not settings.model:
        raise ConfigError(
            f"model.engine.model is not set: say what the server at {settings.url} calls the model"
        )
