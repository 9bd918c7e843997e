"""``alaas retrain``: let the learner follow the labels."""

from __future__ import annotations

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened
from alaas.cli.status import round_line


def retrain(
    project: ProjectName, server: ServerUrl = None, settings: Settings = None, as_json: AsJson = False
) -> None:
    """Let PROJECT's learner learn from its labels now; does nothing if nothing is new."""
    with opened(project, server, settings) as found:
        made = found.retrain()
    if as_json:
        typer.echo("null" if made is None else made.model_dump_json(indent=2))
    else:
        typer.echo("no labels yet" if made is None else f"round {round_line(made)}")
