"""``alaas tell``: labels."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import Annotator, ProjectName, ServerUrl, opened
from alaas.cli._words import say

_REFUSED = 1
_SHOWN = 5


def tell(
    project: ProjectName,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A .jsonl or .csv file (item,label); - is stdin.")
    ] = "-",
    batch: Annotated[
        str | None, typer.Option("--batch", "-b", metavar="ID", help="The batch that they answer.")
    ] = None,
    annotator: Annotator = None,
    final: Annotated[
        bool, typer.Option("--final", help="Settle conflicts: these labels stand whatever others said.")
    ] = False,
    server: ServerUrl = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Tell PROJECT the labels in FILE; telling them again changes nothing. Ends with 1 if any is refused."""
    from alaas.cli._answers import read_answers

    with opened(project, server, settings) as found:
        read = read_answers(file, several=found.kind() == "multi-label")
        answers = {answer.item: answer.said for answer in read}
        told = found.tell(batch, answers, annotator=annotator, final=final)
    if as_json:
        typer.echo(told.model_dump_json(indent=2))
    else:
        counted = Counter(receipt.outcome for receipt in told.receipts)
        parts = ", ".join(f"{count:,} {outcome}" for outcome, count in counted.items())
        typer.echo(f"{parts}; {told.labels:,} labels in all")
    for receipt in told.refused[:_SHOWN]:
        say(f"refused {receipt.item}: {receipt.reason}")
    if len(told.refused) > _SHOWN:
        say(f"{len(told.refused) - _SHOWN:,} more refused; --json lists them all with their reasons")
    if told.refused:
        raise typer.Exit(_REFUSED)
