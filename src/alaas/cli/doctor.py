"""``alaas doctor``: what can be used here, and what a configuration lacks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, cast

import typer

from alaas.cli._options import AsJson, ConfigFile
from alaas.cli._words import print_json, say

if TYPE_CHECKING:
    from alaas.doctor import Diagnosis, Finding
    from alaas.types import JSON

_MARKS = {
    "good": ("✓", "green"),
    "absent": ("–", "bright_black"),
    "doubtful": ("!", "yellow"),
    "broken": ("✗", "red"),
}


def doctor(
    config: ConfigFile = None,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure", help="Try the engines anew for `engine: auto`, instead of trusting what was found."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what works on this machine, why not and how to mend it; with --config, check that file."""
    from alaas.doctor import examine, measure_engines

    if measure:
        from alaas.settings import read_config

        for sentence in measure_engines(None if config is None else read_config(config)):
            say(sentence)
    diagnosis = examine(config)
    if as_json:
        plain = cast("dict[str, JSON]", dataclasses.asdict(diagnosis))
        print_json({**plain, "ok": not diagnosis.broken})
    else:
        _print(diagnosis)
    if diagnosis.broken:
        raise typer.Exit(1)


def _print(diagnosis: Diagnosis) -> None:
    width = max(len(finding.name) for group in diagnosis.groups for finding in group.findings)
    for group in diagnosis.groups:
        if group.findings:
            typer.secho(group.title, bold=True)
        for finding in group.findings:
            _print_finding(finding, width)
    broken = diagnosis.broken
    if broken:
        typer.secho(f"{len(broken)} broken: {', '.join(finding.name for finding in broken)}", fg="red")
    else:
        typer.secho("Nothing is broken.", fg="green")


def _print_finding(finding: Finding, width: int) -> None:
    mark, colour = _MARKS[finding.state]
    typer.echo(f"  {typer.style(mark, fg=colour)} {finding.name:<{width}}  {finding.detail}".rstrip())
    if finding.mend:
        typer.secho(f"    {'':<{width}}  → {finding.mend}", dim=True)
