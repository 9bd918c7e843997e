"""From what a caller names to a configuration and a store."""

from __future__ import annotations

from pathlib import Path

from alaas.config import Config
from alaas.settings import load_config
from alaas.stores import Store, open_store, store_url


def config_of(config: str | Path | Config) -> Config:
    """The configuration of a project; a file that gives no name gives its own.

    Raises:
        ConfigError: the file cannot be read, or a setting cannot be followed.
    """
    if isinstance(config, Config):
        return config
    path = Path(config)
    loaded = load_config(path)
    if "name" not in loaded.model_fields_set:
        loaded = loaded.model_copy(update={"name": path.stem})
    return loaded


def store_of(config: Config, url: str | None = None) -> Store:
    """Open the store at ``url``, or the configuration's.

    Raises:
        ConfigError: no store is opened by such a URL.
        StoreError: it cannot be opened.
    """
    return open_store(url or store_url(config))
