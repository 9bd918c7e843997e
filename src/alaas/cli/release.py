"""``alaas release``: give a batch back."""

from __future__ import annotations

from typing import Annotated

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened


def release(
    project: ProjectName,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")],
    server: ServerUrl = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Give what is not answered of BATCH back to PROJECT's pool."""
    with opened(project, server, settings) as found:
        body = found.release(batch)
    if as_json:
        typer.echo(body.model_dump_json(indent=2))
    else:
        back = sum(item.state == "released" for item in body.items)
        typer.echo(f"{back:,} of {len(body.items):,} items are back in the pool")
