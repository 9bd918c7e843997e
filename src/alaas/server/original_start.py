"""What ``Server.start`` of ALaaS 0.2 was told, in our settings."""

from __future__ import annotations

from alaas.config import Config, ModelSettings, ServerSettings, StrategySettings
from alaas.errors import UsageError
from alaas.settings import original_strategy


def original_config(
    *,
    proto: str,
    host: str,
    port: int,
    allow_remote: bool,
    name: str,
    model: str | None,
    device: str,
    strategy: str,
    batch_size: int,
) -> Config:
    """Settings for the arguments of ``Server.start``.

    Raises:
        UsageError: a protocol or a device that is not served.
    """
    if proto != "http":
        raise UsageError(f"proto={proto!r} is not served; use proto='http', behind a proxy for https")
    if device != "cpu":
        raise UsageError(f"device={device!r} is not served; use device='cpu'")
    return Config(
        name=name,
        model=ModelSettings(name=model, batch_size=batch_size),
        strategy=StrategySettings(name=original_strategy(strategy) or strategy),
        server=ServerSettings(host=host, port=port, allow_remote=allow_remote),
    )
