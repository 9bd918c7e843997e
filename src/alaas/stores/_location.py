"""Where projects are kept if nobody says where."""

from __future__ import annotations

from platformdirs import user_data_path

from alaas.config import Config


def store_url(config: Config) -> str:
    """The URL of the store of this configuration; by default a SQLite file in the user's data folder."""
    return config.store.url or f"sqlite:///{user_data_path('alaas') / 'alaas.db'}"
