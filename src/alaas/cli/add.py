"""``alaas add``: more items for a project."""

from __future__ import annotations

from typing import Annotated

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened


def add(
    project: ProjectName,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A folder, glob, manifest, text file or address.")
    ],
    validation: Annotated[
        bool, typer.Option("--validation", help="They have labels and measure the learner.")
    ] = False,
    server: ServerUrl = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Add the items of SOURCE to PROJECT; those that are there stay as they are."""
    with opened(project, server, settings) as found:
        added = found.add(source, role="validation" if validation else "pool")
    if as_json:
        typer.echo(added.model_dump_json(indent=2))
    else:
        typer.echo(f"{added.added:,} items added, {added.known:,} were there")
