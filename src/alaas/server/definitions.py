"""What a client may say of a project."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from alaas.config import Config
from alaas.learners import build as build_learner
from alaas.protocol import ProjectChange, ProjectDefinition, Role, SourceBody
from alaas.server.models import check_model
from alaas.strategies import build


def definition_of(body: ProjectChange) -> Mapping[str, JsonValue]:
    """What was sent and nothing else, in the keys of the configuration; an explicit null stays one."""
    sent: dict[str, JsonValue] = body.model_dump(mode="json", exclude_unset=True)
    return sent


def sources_of(body: ProjectDefinition) -> list[tuple[SourceBody, Role]]:
    """What there is to read when a project is made, and what its items are for."""
    named: list[tuple[SourceBody | None, Role]] = [(body.source, "pool"), (body.validation, "validation")]
    return [(source, role) for source, role in named if source is not None]


def check_definition(body: ProjectChange, config: Config) -> None:
    """Refuse at once what would fail at the first batch, or what a client may not choose.

    Paths in a source are judged where they are read.

    Raises:
        UnknownNameError: no such strategy, model or learner; the nearest is named.
        ConfigError: the strategy or the learner has no such parameter, or the learner names code.
        UsageError: a model that clients may not choose.
    """
    if body.strategy is not None:
        build(body.strategy.name, body.strategy.parameters)
    check_model(body.model, config)
    learner, own = body.learner, config.learner
    if learner is not None and (learner.name, learner.parameters) != (own.name, own.parameters):
        build_learner(learner.name, learner.parameters, own=False)
