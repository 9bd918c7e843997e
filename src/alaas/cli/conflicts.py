"""``alaas conflicts``: where annotators disagree."""

from __future__ import annotations

import json

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened
from alaas.cli._words import print_table


def conflicts(
    project: ProjectName, server: ServerUrl = None, settings: Settings = None, as_json: AsJson = False
) -> None:
    """List the items of PROJECT whose annotators disagree; `alaas tell --final` settles one."""
    with opened(project, server, settings) as found:
        disagreements = found.conflicts()
    if as_json:
        shown = [one.model_dump(mode="json") for one in disagreements]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    print_table(
        ("id", "answers"),
        [
            (one.id, ", ".join(f"{who}: {_said(label)}" for who, label in one.answers.items()))
            for one in disagreements
        ],
    )


def _said(label: str | list[str]) -> str:
    return label if isinstance(label, str) else "; ".join(label) or "none"
