"""A configuration out of its layers: options over environment over file over defaults."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from alaas.config import Config
from alaas.settings._explain import explain
from alaas.settings._layers import Layer, from_environment, from_file, from_overrides, lookup, merge
from alaas.settings._original import Original, is_original, translate
from alaas.settings._paths import beside, store_beside
from alaas.settings._yaml import read_yaml


@dataclass(frozen=True, kw_only=True)
class LoadedConfig:
    """A configuration, and what its author should know although it was taken."""

    config: Config
    warnings: tuple[str, ...] = ()


def load_config(
    path: Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """``read_config`` for code: what the file's author should know comes as Python warnings."""
    loaded = read_config(path, overrides=overrides, environ=environ)
    for warning in loaded.warnings:
        warnings.warn(warning, stacklevel=2)
    return loaded.config


def read_config(
    path: Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> LoadedConfig:
    """Bring together a YAML file, the environment and what the caller says.

    Args:
        path: the file, ours or that of ALaaS 0.2. Relative paths in it start from its folder; elsewhere they
            start from where the process runs.
        overrides: nested mappings, dotted keys or both; stronger than everything else.
        environ: variables ``ALAAS_SECTION_KEY``; the process's own by default.

    Raises:
        ConfigError: a file cannot be read, or a setting is unknown or malformed; one sentence with the place,
            what was got and what was expected.
    """
    layers, original = [], None
    if path is not None:
        document = read_yaml(path)
        original = translate(document, f"{path}: ") if is_original(document) else None
        written = original.layer if original else Layer(values=document, label=f"{path}: ")
        layers.append(Layer(values={"store": {"url": store_beside(path)}}))
        layers.append(beside(from_file(written), path.parent))
    layers.append(from_environment(os.environ if environ is None else environ))
    layers.append(from_overrides(overrides or {}))
    try:
        config = Config.model_validate(merge(layers))
    except ValidationError as error:
        raise explain(error, layers) from error
    return LoadedConfig(config=config) if original is None else _bind(config, original, layers)


def config_schema() -> dict[str, object]:
    """The JSON Schema of the configuration file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Config.model_json_schema(),
        "title": "ALaaS configuration",
    }


def _bind(config: Config, original: Original, layers: list[Layer]) -> LoadedConfig:
    """Listen where the original's file says only if somebody allows it in so many words."""
    if original.host is None or lookup(merge(layers), ("server", "host")) is not None:
        return LoadedConfig(config=config, warnings=original.warnings)
    if config.server.allow_remote:
        server = config.server.model_copy(update={"host": original.host})
        return LoadedConfig(config=config.model_copy(update={"server": server}), warnings=original.warnings)
    warning = (
        f"{original.layer.label}al_worker.host {original.host} would let in whoever reaches this machine, "
        f"without a key; listening on {config.server.host} instead. ALAAS_SERVER_ALLOW_REMOTE=true opens it, "
        f"ALAAS_SERVER_HOST={original.host} does so for those who show a key"
    )
    return LoadedConfig(config=config, warnings=(*original.warnings, warning))
