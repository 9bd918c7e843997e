"""From options to a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from alaas.cli._words import say

if TYPE_CHECKING:
    from alaas.config import Config

ConfigFile: TypeAlias = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="A YAML file.")
]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as pipeline.retries=2; repeatable."),
]
Runtime: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--runtime", metavar="NAME", help="Where it runs: local, sequential or ray.", show_default=False
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


def load(
    config: Path | None, options: Mapping[str, object] | None = None, settings: Sequence[str] | None = None
) -> Config:
    """The configuration under the options that were given; what its author should know is said on stderr.

    Args:
        config: a YAML file.
        options: dotted setting → value; None means that the option was not given. They win over ``settings``.
        settings: ``section.key=value`` from ``--set``.

    Raises:
        ConfigError: a setting is wrong.
    """
    from alaas.errors import ConfigError
    from alaas.settings import read_config, read_text

    overrides: dict[str, object] = {}
    for setting in settings or ():
        key, equals, text = (part.strip() for part in setting.partition("="))
        if not key or not equals:
            raise ConfigError(f"--set expects section.key=value, such as pipeline.retries=2, got {setting!r}")
        overrides[key] = read_text(key, text)
    for key, value in (options or {}).items():
        if value is not None:
            overrides[key] = read_text(key, value) if isinstance(value, str) else value
    loaded = read_config(config, overrides=overrides)
    for warning in loaded.warnings:
        say(warning)
    return loaded.config
