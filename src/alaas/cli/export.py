"""``alaas export``: the labelled items for others."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from alaas.cli._options import Settings
from alaas.cli._project import ProjectName, ServerUrl, opened

if TYPE_CHECKING:
    from alaas.protocol import ExportFormat


def export(
    project: ProjectName,
    format: Annotated[  # noqa: A002
        str, typer.Option("--format", "-f", metavar="jsonl|csv|coco|label-studio", help="How it is written.")
    ] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead.")
    ] = None,
    server: ServerUrl = None,
    settings: Settings = None,
) -> None:
    """Write the items of PROJECT with their labels."""
    from alaas.errors import UnknownNameError
    from alaas.protocol import ExportFormat as Known

    if format not in get_args(Known):
        raise UnknownNameError("format", format, get_args(Known))
    with opened(project, server, settings) as found:
        pieces = found.export(cast("ExportFormat", format))
        if output is None:
            for piece in pieces:
                typer.echo(piece, nl=False)
        else:
            _write(output, pieces)


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write beside the file and swap, so that what was there stays until all of it is written.

    Raises:
        UsageError: it cannot be written.
    """
    from alaas.errors import UsageError

    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
