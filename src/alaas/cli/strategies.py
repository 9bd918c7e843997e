"""``alaas strategies``: what can choose."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from alaas.cli._options import AsJson
from alaas.cli._words import print_json

if TYPE_CHECKING:
    from alaas.strategies import StrategyInfo
    from alaas.types import JSON


def strategies(
    name: Annotated[str | None, typer.Argument(help="Describe this one with its parameters.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the strategies by family, or describe one."""
    from alaas.strategies import describe, registry

    found = [describe(known) for known in ([name] if name else registry.names())]
    if as_json:
        print_json([cast("dict[str, JSON]", dataclasses.asdict(info)) for info in found])
    elif name:
        _print_one(found[0])
    else:
        _print_all(found)


def _print_all(infos: list[StrategyInfo]) -> None:
    from alaas.strategies import Family

    for family in get_args(Family):
        members = [info for info in infos if info.family == family]
        if members:
            typer.secho(family, bold=True)
        for info in members:
            typer.echo(f"  {info.name}: {info.when}")
            typer.secho(f"      needs {_names(info.needs)}; {info.cost}", dim=True)
            if info.reference:
                typer.secho(f"      {info.reference}", dim=True)
    typer.echo('`alaas strategies NAME` says more. Combine them: "margin >> k_center", "power(entropy)".')


def _print_one(info: StrategyInfo) -> None:
    typer.secho(f"{info.name} ({info.family})", bold=True)
    for paragraph in (info.summary, *info.details):
        typer.echo(paragraph)
    typer.echo(f"needs: {_names(info.needs)}")
    if info.accepts:
        typer.echo(f"uses when there: {_names(info.accepts)}")
    for parameter in info.parameters:
        typer.echo(f"parameter {parameter.name} ({parameter.type}, {parameter.default}): {parameter.summary}")
    for word, text in (("cost", info.cost), ("when", info.when), ("reference", info.reference)):
        if text:
            typer.echo(f"{word}: {text}")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
