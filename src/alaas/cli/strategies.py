"""``alaas strategies``: what can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alaas.cli._options import AsJson
from alaas.cli._words import print_json, print_table

if TYPE_CHECKING:
    from alaas.strategies import StrategyInfo
    from alaas.types import JSON


def strategies(
    name: Annotated[str | None, typer.Argument(help="Describe this one with its parameters.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the strategies, or describe one."""
    from alaas.strategies import describe, registry

    found = [describe(known) for known in ([name] if name else registry.names())]
    if as_json:
        print_json([_plain(info) for info in found])
    elif name:
        _print_one(found[0])
    else:
        print_table(
            ("name", "needs", "what it picks"),
            [(info.name, " ".join(info.needs) or "–", info.summary) for info in found],
        )


def _print_one(info: StrategyInfo) -> None:
    typer.echo(f"{info.name}: {info.summary}")
    typer.echo(f"needs: {', '.join(info.needs) or 'nothing'}")
    if info.accepts:
        typer.echo(f"uses when there: {', '.join(info.accepts)}")
    for parameter in info.parameters:
        typer.echo(f"parameter {parameter.name} ({parameter.type}, {parameter.default}): {parameter.summary}")
    if info.reference:
        typer.echo(f"reference: {info.reference}")


def _plain(info: StrategyInfo) -> dict[str, JSON]:
    return {
        "name": info.name,
        "summary": info.summary,
        "needs": [*info.needs],
        "accepts": [*info.accepts],
        "parameters": [
            {"name": given.name, "type": given.type, "default": given.default, "summary": given.summary}
            for given in info.parameters
        ],
        "reference": info.reference,
    }
