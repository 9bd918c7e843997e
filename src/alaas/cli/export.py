"""``alaas export``: the labelled items, or the model, for others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from alaas.cli._options import Settings
from alaas.cli._project import ProjectName, ServerUrl, Verbs, opened

if TYPE_CHECKING:
    from alaas.protocol import ExportFormat

_MODEL = "onnx"


def export(
    project: ProjectName,
    format: Annotated[  # noqa: A002
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="jsonl|csv|coco|label-studio|onnx",
            help="How it is written; onnx: the encoder with the latest learner.",
        ),
    ] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="ADDRESS", help="Write to this s3://, gs:// or az:// object, or file, instead."
        ),
    ] = None,
    server: ServerUrl = None,
    settings: Settings = None,
) -> None:
    """Write the items of PROJECT with their labels, or its model."""
    from alaas.errors import UnknownNameError, UsageError
    from alaas.fetching import is_remote
    from alaas.protocol import ExportFormat as Known

    if format not in (*get_args(Known), _MODEL):
        raise UnknownNameError("format", format, (*get_args(Known), _MODEL))
    if output is not None and to is not None:
        raise UsageError("--output and --to both say where to; give one of them")
    path = Path(to) if to is not None and not is_remote(to) else output
    if format == _MODEL and path is None and to is None:
        raise UsageError("a model is no text for a terminal; say where to with --output or --to")
    with opened(project, server, settings) as found:
        pieces = _pieces(found, format)
        if path is not None:
            _write(path, pieces)
        elif to is not None:
            _upload(to, pieces)
        else:
            for piece in pieces:
                typer.echo(piece, nl=False)


def _pieces(project: Verbs, format: str) -> Iterator[bytes]:  # noqa: A002
    if format == _MODEL:
        yield project.model()
        return
    for piece in project.export(cast("ExportFormat", format)):
        yield piece.encode()


def _upload(address: str, pieces: Iterable[bytes]) -> None:
    """Send on what comes; the object appears whole or not at all.

    Raises:
        UsageError: the address names no object, or it cannot be written.
    """
    from alaas.errors import FetchError, UsageError
    from alaas.fetching import Bucket

    place, slash, name = address.rpartition("/")
    if not slash or not name or place.endswith(("/", ":")):
        raise UsageError(f"{address} names no object; expected an address such as s3://bucket/labels.jsonl")
    try:
        Bucket(place).upload(name, pieces)
    except FetchError as error:
        raise UsageError(f"cannot write {error.message}") from error


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write beside the file and swap, so that what was there stays until all of it is written.

    Raises:
        UsageError: it cannot be written.
    """
    from alaas.errors import UsageError

    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
