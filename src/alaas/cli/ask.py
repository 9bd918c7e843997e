"""``alaas ask``: items to label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alaas.cli._options import AsJson, Settings
from alaas.cli._project import Annotator, ProjectName, ServerUrl, opened
from alaas.cli._words import excerpt, print_table, say

if TYPE_CHECKING:
    from alaas.protocol import BatchBody, BatchItemBody


def ask(
    project: ProjectName,
    k: Annotated[int | None, typer.Option("-k", min=1, metavar="N", help="How many items.")] = None,
    annotator: Annotator = None,
    pin: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An item that shall be among them; repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An item that shall not be; repeatable.")
    ] = None,
    lease: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long they are held for the annotator.")
    ] = None,
    server: ServerUrl = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Ask PROJECT for the items most worth labelling now."""
    with opened(project, server, settings) as found:
        batch = found.ask(k, annotator=annotator, pin=pin or (), exclude=exclude or (), lease=lease)
    if as_json:
        typer.echo(batch.model_dump_json(indent=2))
        return
    for note in batch.notes:
        say(note)
    print_batch(batch)
    say(
        f"batch {batch.id}: {len(batch.items)} items for {batch.annotator} until "
        f"{batch.until.astimezone():%Y-%m-%d %H:%M}, chosen by {batch.strategy}; "
        f"then `alaas tell {project} FILE --batch {batch.id}`"
    )


def print_batch(batch: BatchBody) -> None:
    """Print the items, best first, with the text itself where an item is one."""
    texts = any(item.text is not None for item in batch.items)
    print_table(
        ("rank", "id", "why", "guess", *(("text",) if texts else ())),
        [
            (str(item.rank), item.id, item.reason, _guess(item), *([excerpt(item.text)] if texts else ()))
            for item in batch.items
        ],
        right=(0,),
    )


def _guess(item: BatchItemBody) -> str:
    return "–" if item.guess is None else f"{item.guess.label} {item.guess.probability:.0%}"
