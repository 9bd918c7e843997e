"""``alaas models``: the zoo of encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alaas.cli._options import AsJson
from alaas.cli._words import print_json, print_table, say

if TYPE_CHECKING:
    from alaas.encoders import EncoderInfo
    from alaas.types import JSON

app = typer.Typer(help="List models, describe one, or get one ready to run.")
_OF_LIBRARIES = (
    "torchvision:resnet18",
    "timm:mobilenetv3_small_100",
    "torchhub:owner/repository:entry",
    "transformers:owner/name",
    "sentence-transformers:owner/name",
)
_Name = Annotated[str, typer.Argument(help="A name from `alaas models list`.")]


@app.callback(invoke_without_command=True)
def _alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models of the zoo."""
    from alaas.encoders import describe, names

    found = [describe(name) for name in names()]
    if as_json:
        print_json([_plain(info) for info in found])
        return
    print_table(
        ("name", "items", "provides", "D", "classes", "MB", "what it is"),
        [
            (
                info.name,
                info.modality,
                " ".join(sorted(info.provides)),
                str(info.dimensions or "–"),
                str(info.classes or "–"),
                f"{info.megabytes:.0f}",
                info.description,
            )
            for info in found
        ],
        right=(3, 4, 5),
    )
    typer.echo("also: the path of an .onnx file, and hf:owner/name from the Hugging Face hub")
    typer.echo(
        "with torch: the path of a .pt2 file, module:factory of your own, and models of its libraries, as"
    )
    typer.echo("  " + "  ".join(_OF_LIBRARIES))


@app.command("info")
def describe_model(name: _Name, as_json: AsJson = False) -> None:
    """Say what is known of a model."""
    from alaas.encoders import describe

    plain = _plain(describe(name))
    if as_json:
        print_json(plain)
        return
    for key, value in plain.items():
        shown = " ".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)
        typer.echo(f"{key:<12}{shown}")


@app.command("pull")
def pull_model(name: _Name) -> None:
    """Get a model ready to run now, instead of at its first use."""
    from alaas.encoders import pull

    folder = pull(name, on_step=say)
    typer.echo(f"{name} is ready in {folder}" if folder else f"{name} needs no file")


def _plain(info: EncoderInfo) -> dict[str, JSON]:
    return {
        "name": info.name,
        "modality": info.modality,
        "provides": [*sorted(info.provides)],
        "dimensions": info.dimensions,
        "classes": info.classes,
        "megabytes": info.megabytes,
        "licence": info.licence,
        "package": info.package,
        "description": info.description,
    }
