"""From what a caller names to a configuration and a store."""

from __future__ import annotations

import json
from pathlib import Path

from alaas.config import Config
from alaas.errors import ProjectConflictError, ProjectNotFoundError
from alaas.projects._definition import FIXED, define, differing
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


def settle_definition(config: Config, store: Store, actor: str) -> bool:
    """Make the project, or bring its definition up to date; says whether it is new.

    Raises:
        ProjectConflictError: it is another project.
    """
    definition = define(config)
    try:
        row = store.project(config.name)
    except ProjectNotFoundError:
        try:
            store.create_project(config.name, definition, actor=actor)
        except ProjectConflictError:  # somebody else was first
            return settle_definition(config, store, actor)
        return True
    changed = differing(row.definition, definition)
    fixed = [key for key in changed if key in FIXED]
    if fixed:
        raise ProjectConflictError(
            f"there is a project {config.name!r} whose {fixed[0]} is "
            f"{json.loads(row.definition).get(fixed[0])!r}; give this one another `name`, or add the items "
            "to it with Project.add"
        )
    if changed:
        store.change_project(config.name, definition, version=row.version, actor=actor)
    return False
