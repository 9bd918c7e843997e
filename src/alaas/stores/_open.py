"""Open a store by its URL."""

from __future__ import annotations

import re

from alaas.errors import ConfigError
from alaas.registry import Registry
from alaas.stores._base import Store

registry: Registry[Store] = Registry("store", "alaas.stores", Store)  # type: ignore[type-abstract]

_BUILT_IN = {"memory": "memory", "sqlite": "sql", "postgresql": "sql", "postgresql+psycopg": "sql"}
_EXPECTED = "expected sqlite:///PATH, postgresql://USER:PASSWORD@HOST/DATABASE or memory:"


def open_store(url: str) -> Store:
    """Open the store that ``url`` names; it is made if it is new.

    The scheme says what kind it is: ``memory``, ``sqlite``, ``postgresql``, or the name of an entry point in
    the group ``alaas.stores``.

    Raises:
        ConfigError: no store has that scheme, or the URL is malformed. A URL may hold a password, so
            messages repeat nothing of it but the scheme.
        MissingExtraError: the database's driver is not installed.
        StoreError: the store cannot be opened.
    """
    match = re.match(r"([A-Za-z][A-Za-z0-9+._-]*):", url)
    if match is None:
        raise ConfigError(f"a store is named by a URL, got a text without a scheme; {_EXPECTED}")
    scheme = match.group(1).lower()
    if scheme in _BUILT_IN:
        return registry.get(_BUILT_IN[scheme]).from_url(url)
    if scheme in registry and scheme not in registry.builtin_names():
        return registry.get(scheme).from_url(url)
    others = sorted(set(registry.names()) - set(registry.builtin_names()))
    installed = f", or one of the installed: {', '.join(others)}" if others else ""
    raise ConfigError(f"no store has the scheme {scheme!r}; {_EXPECTED}{installed}")
