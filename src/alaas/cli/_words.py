"""What the command says: one sentence on stderr, tables and JSON on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from alaas.types import JSON


_SHOWN_TEXT = 60


def say(sentence: str) -> None:
    """Say one sentence on stderr, on one line."""
    typer.echo(f"alaas: {' '.join(sentence.split())}", err=True)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """Print aligned columns; nothing is cut or folded, so that a pipe gets whole ids.

    Args:
        header: the columns' names, shown in bold on a terminal.
        rows: the cells.
        right: columns of numbers, by position.
    """
    lines = [list(header), *([_one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    aligned = [[_pad(cell, widths[i], i in set(right)) for i, cell in enumerate(line)] for line in lines]
    first, *others = ("  ".join(line).rstrip() for line in aligned)
    typer.echo("\n".join([typer.style(first, bold=True), *others]))


def excerpt(text: str | None) -> str:
    """The beginning of a text, on one line."""
    found = " ".join((text or "").split())
    return found if len(found) <= _SHOWN_TEXT else f"{found[: _SHOWN_TEXT - 1]}…"


def print_json(value: JSON) -> None:
    """Print JSON for machines. NaN is no JSON, so it is an error here and null where it may occur."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def _one_line(cell: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in cell)


def _pad(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
