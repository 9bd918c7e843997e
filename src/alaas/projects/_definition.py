"""What makes a project what it is: the part of a configuration that is kept with it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from pydantic import ValidationError

from alaas.config import Config
from alaas.errors import ConfigError, nearest
from alaas.types import JSON

KEYS = (
    "name",
    "modality",
    "source",
    "model",
    "strategy",
    "budget",
    "seed",
    "task",
    "learner",
    "labelling",
    "stream",
    "validation",
)
"""The keys of ``Config`` that belong to a project; the others are the process's own."""

FIXED = ("source", "validation", "modality")
"""What cannot change under the same name: it would be another project."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def define(config: Config) -> str:
    """The definition in a configuration, as JSON with its keys in order; an engine's token stays out."""
    check_name(config.name)
    return json.dumps(said_of(config, KEYS), sort_keys=True)


def said_of(config: Config, keys: Collection[str]) -> dict[str, JSON]:
    """What a configuration says under some keys, without secrets: it is kept, and shown to clients."""
    said = config.model_dump(mode="json", include=set(keys))
    if "model" in said:
        said["model"]["engine"].pop("token")
    return dict(said)


def configure(definition: str | Mapping[str, JSON], base: Config) -> Config:
    """The configuration of a project: its definition over what the process says of the rest.

    Raises:
        ConfigError: a key is unknown or malformed.
    """
    said = json.loads(definition) if isinstance(definition, str) else dict(definition)
    foreign = sorted(set(said) - set(KEYS))
    if foreign:
        raise ConfigError(f"a project has no key {foreign[0]!r}; {nearest(foreign[0], KEYS)}")
    rest = base.model_dump(exclude=set(KEYS), exclude_unset=True)
    try:
        config = Config.model_validate({**rest, **said})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{place}: {message}, got {first.get('input')!r}") from error
    check_name(config.name)
    return _with_token(config, base)


def _with_token(config: Config, base: Config) -> Config:
    """The process's own token, for a project whose model is on the process's own server and nowhere else."""
    engine, own = config.model.engine, base.model.engine
    if own.token is None or engine.token is not None or engine.url != own.url:
        return config
    engine = engine.model_copy(update={"token": own.token})
    return config.model_copy(update={"model": config.model.model_copy(update={"engine": engine})})


def check_name(name: str) -> None:
    """Refuse a name that would not do in an address or a file's name.

    Raises:
        ConfigError: it has other characters than letters, digits, ``.``, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"a project's name has letters, digits, '.', '_' and '-', at most 100 of them and a letter or "
            f"digit first; got {name!r}"
        )


def differing(old: str, new: str) -> list[str]:
    """The keys in which two definitions differ."""
    before, after = json.loads(old), json.loads(new)
    return [key for key in KEYS if before.get(key) != after.get(key)]
