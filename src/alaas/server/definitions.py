"""What a client may say of a project."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from alaas.config import Config
from alaas.errors import UsageError
from alaas.protocol import ProjectChange
from alaas.server.models import check_model
from alaas.strategies import build


def definition_of(body: ProjectChange) -> Mapping[str, JsonValue]:
    """What was sent and nothing else, in the keys of the configuration; an explicit null stays one."""
    sent: dict[str, JsonValue] = body.model_dump(mode="json", exclude_unset=True)
    return sent


def check_definition(body: ProjectChange, config: Config) -> None:
    """Refuse at once what would fail at the first batch, or what a client may not choose.

    Paths in a source are judged where they are read.

    Raises:
        UnknownNameError: no such strategy or model; the nearest is named.
        ConfigError: the strategy has no such parameter.
        UsageError: a model or a learner that clients may not choose.
    """
    if body.strategy is not None:
        build(body.strategy.name, body.strategy.parameters)
    check_model(body.model, config)
    if body.learner is not None and body.learner.name != config.learner.name:
        _check_learner(body.learner.name)


def _check_learner(name: str) -> None:
    if ":" in name:
        raise UsageError(
            f"a request may name a learner that the server has, got {name!r}; to use a class of your own, "
            "set learner.name in the server's configuration"
        )
