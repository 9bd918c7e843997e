"""``alaas replay``: choose a batch again."""

from __future__ import annotations

from typing import Annotated

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened

_DIFFERS = 1


def replay(
    project: ProjectName,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")],
    server: ServerUrl = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Choose BATCH of PROJECT again and compare; changes nothing. Ends with 1 if it comes out otherwise."""
    with opened(project, server, settings) as found:
        again = found.replay(batch)
    if as_json:
        typer.echo(again.model_dump_json(indent=2))
    else:
        typer.echo(f"{'the same' if again.same else 'not the same'} {len(again.ids):,} items")
        for difference in again.differences:
            typer.echo(difference)
    if not again.same:
        raise typer.Exit(_DIFFERS)
