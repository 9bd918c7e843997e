"""``alaas stream``: items that come one by one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from alaas.cli._options import Settings
from alaas.cli._project import ProjectName, ServerUrl, opened
from alaas.cli._words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alaas.cli._project import Verbs
    from alaas.protocol import DecisionBody, NewItemBody


def stream(
    project: ProjectName,
    feed: Annotated[
        str,
        typer.Argument(metavar="FEED", help="A file of JSON lines, one item each; - reads what comes in."),
    ] = "-",
    lot: Annotated[int, typer.Option(min=1, max=5000, help="Items decided together at most.")] = 64,
    linger: Annotated[
        float, typer.Option(min=0, max=10_000, metavar="MS", help="How long an item may wait for others.")
    ] = 20.0,
    server: ServerUrl = None,
    settings: Settings = None,
) -> None:
    """Offer the items of FEED to PROJECT as they come, and print what became of each as a JSON line.

    An item is an object such as {"id": "a", "text": "…"}, with uri, text, row or blob (base64).
    """
    from alaas.cli._lots import lots

    with opened(project, server, settings) as found, _opened(feed) as lines:
        place = 0
        for some in lots(lines, most=lot, linger=linger / 1000):
            for decision in _decided(found, some, place):
                typer.echo(decision.model_dump_json(exclude_none=True))
            sys.stdout.flush()
            place += len(some)
        account = found.offer([])
    say(f"{account.arrived:,} items have arrived in all, {account.taken:,} were taken")


@contextmanager
def _opened(feed: str) -> Iterator[TextIO]:
    """The lines of the feed.

    Raises:
        UsageError: there is no such file.
    """
    from alaas.errors import UsageError

    if feed == "-":
        yield sys.stdin
        return
    try:
        file = Path(feed).open(encoding="utf-8")  # noqa: SIM115  (closed below)
    except OSError as error:
        raise UsageError(f"cannot read the feed {feed!r}: {error.strerror or error}") from error
    with file:
        yield file


def _decided(found: Verbs, lines: Sequence[str], before: int) -> Iterator[DecisionBody]:
    """What became of the items of some lines, in their order; a line that is no item says so itself."""
    from alaas.protocol import DecisionBody

    items, wrong = {}, {}
    for place, line in enumerate(lines, start=before + 1):
        if line.strip():
            read = _item(line)
            if isinstance(read, str):
                wrong[place] = DecisionBody(id=f"line {place}", taken=False, why="failed", detail=read)
            else:
                items[place] = read
    offered = found.offer(list(items.values())).decisions if items else []
    said = {**wrong, **dict(zip(items, offered, strict=True))}
    return (said[place] for place in sorted(said))


def _item(line: str) -> NewItemBody | str:
    """The item of a line, or why it is none."""
    from pydantic import ValidationError

    from alaas.protocol import NewItemBody

    try:
        return NewItemBody.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        return f"{place}: {message}" if place else message
