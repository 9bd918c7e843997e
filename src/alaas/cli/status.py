"""``alaas status``: how a project stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import ProjectName, ServerUrl, opened

if TYPE_CHECKING:
    from alaas.protocol import RoundBody, StatusBody


def status(
    project: ProjectName, server: ServerUrl = None, settings: Settings = None, as_json: AsJson = False
) -> None:
    """Say how PROJECT stands: labels, budget, what is left, and how good the learner is."""
    with opened(project, server, settings) as found:
        body = found.status()
    if as_json:
        typer.echo(body.model_dump_json(indent=2))
        return
    for name, value in _lines(body):
        typer.echo(f"{name:<11}{value}")


def _lines(body: StatusBody) -> list[tuple[str, str]]:
    budget = "" if body.budget is None else f" of {body.budget:,}, {body.remaining:,} left"
    states = ", ".join(f"{count:,} {state}" for state, count in body.states.items() if count)
    lines = [
        ("labels", f"{body.labels:,}{budget}"),
        ("items", f"{body.items:,} ({states})" if states else f"{body.items:,}"),
        ("pool", f"{body.pool:,} may be asked for, {body.held:,} are held"),
        ("batches", f"{body.batches:,}"),
        ("cost", f"{body.cost:g}"),
    ]
    if body.balance:
        lines.append(("classes", ", ".join(f"{name} {count:,}" for name, count in body.balance.items())))
    if body.agreement is not None:
        lines.append(("agreement", f"{body.agreement:.3f} (Krippendorff's alpha)"))
    lines.append(("round", "none yet" if body.round is None else round_line(body.round)))
    if body.behind:
        lines.append(("behind", f"{body.behind:,} answers since the last retraining"))
    return lines


def round_line(made: RoundBody) -> str:
    """A round in one line."""
    text = f"{made.number} on {made.labels:,} labels"
    if not made.fitted:
        return f"{text}, too few to learn from"
    if made.metrics is None:
        return f"{text}, not measured"
    measured = f"{made.metrics.count:,} items ({made.measured_on})"
    return f"{text}, accuracy {made.metrics.accuracy:.3f}, F1 {made.metrics.macro_f1:.3f} on {measured}"
