"""``alaas init``: a YAML file to start from."""

from __future__ import annotations

from importlib import resources
from typing import Annotated

import typer


def init(
    kind: Annotated[str, typer.Argument(metavar="image|text|table", help="What the items are.")],
) -> None:
    """Print a commented configuration to start from.

    It works once its source is yours: alaas init image > alaas.yaml
    """
    from alaas.errors import UnknownNameError

    templates = resources.files("alaas") / "templates"
    known = {entry.name.removesuffix(".yaml"): entry for entry in templates.iterdir() if entry.is_file()}
    if kind not in known:
        raise UnknownNameError("template", kind, known)
    typer.echo(known[kind].read_text(encoding="utf-8"), nl=False)
