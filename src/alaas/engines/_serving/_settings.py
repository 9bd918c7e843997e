"""What the settings may say to an engine whose model runs elsewhere."""

from __future__ import annotations

from alaas.config import EngineSettings
from alaas.errors import ConfigError


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
