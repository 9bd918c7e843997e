"""``alaas learners``: what can learn from labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, cast

import typer

from alaas.cli._options import AsJson
from alaas.cli._words import print_json

if TYPE_CHECKING:
    from alaas.learners import LearnerInfo
    from alaas.types import JSON


def learners(
    name: Annotated[str | None, typer.Argument(help="Describe this one with its parameters.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the learners, or describe one."""
    from alaas.learners import describe, registry

    found = [describe(known) for known in ([name] if name else registry.names())]
    if as_json:
        print_json([cast("dict[str, JSON]", dataclasses.asdict(info)) for info in found])
    elif name:
        _print_one(found[0])
    else:
        for info in found:
            typer.secho(info.name, bold=True)
            typer.echo(f"  {info.summary}")
            typer.secho(f"  learns from {info.wants}; {' and '.join(info.kinds)}", dim=True)
        typer.echo("`alaas learners NAME` says more. One of your own: learner: my_module:MyLearner.")


def _print_one(info: LearnerInfo) -> None:
    typer.secho(info.name, bold=True)
    for paragraph in (info.summary, *info.details):
        typer.echo(paragraph)
    typer.echo(f"learns from: {info.wants}")
    typer.echo(f"tasks: {', '.join(info.kinds)}")
    for parameter in info.parameters:
        default = "required" if parameter.required else parameter.default
        typer.echo(f"parameter {parameter.name} ({parameter.type}, {default}): {parameter.summary}")
    for word, text in (("cost", info.cost), ("when", info.when), ("reference", info.reference)):
        if text:
            typer.echo(f"{word}: {text}")
