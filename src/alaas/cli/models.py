"""``alaas models``: the zoo of encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from alaas.cli._options import AsJson, ConfigFile, Settings, load
from alaas.cli._progress import counting
from alaas.cli._words import print_json, print_table, say

if TYPE_CHECKING:
    from alaas.comparing import Compared
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


@app.command("quantize")
def quantize_model(
    name: Annotated[str, typer.Argument(help="A name from `alaas models list`, hf:owner/name, or a file.")],
    calibrate: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="Where items like those to come are; texts need none."),
    ] = None,
    items: Annotated[int, typer.Option(min=1, help="How many of them to look at.")] = 200,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Make the int8 version of a model, for engine.precision: int8."""
    from alaas.selecting import quantize_model as made

    with counting("items") as shown:
        found = made(name, calibrate, items=items, config=load(config, None, settings), on_count=shown)
    if as_json:
        print_json(
            {
                "path": str(found.path),
                "method": found.method,
                "items": found.items,
                "before": found.before,
                "after": found.after,
            }
        )
        return
    looked = f" from {found.items} items" if found.items else ""
    typer.echo(
        f"{found.path}: {found.method} int8{looked}, {found.before / 1e6:.1f} → {found.after / 1e6:.1f} MB"
    )
    typer.echo("use it with --set model.engine.precision=int8")


@app.command("compare")
def compare_engines(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[NAME] SOURCE", help="A model, by default the usual one; and items."),
    ],
    budget: Annotated[int, typer.Option("--budget", "-b", metavar="K", help="Items that are chosen.")] = 100,
    strategy: Annotated[
        str | None, typer.Option("--strategy", "-s", metavar="NAME", help="By default margin, or k_center.")
    ] = None,
    engines: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Which, comma-separated; by default all that are here."),
    ] = None,
    precisions: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Which, comma-separated: fp32, fp16, bf16, int8.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Times that everything is measured.")] = 1,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Say how fast each engine and precision is, and how much of the fp32 selection it keeps."""
    import dataclasses

    from alaas.comparing import compare
    from alaas.errors import ConfigError

    if len(words) > 2:
        raise ConfigError(f"expected a model's name and a source, got {len(words)} words: {' '.join(words)}")
    *named, source = words
    settled = load(config, {"source": source, "model.name": named[0] if named else None}, settings)
    found = compare(
        config=settled,
        budget=budget,
        strategy=strategy,
        engines=_split(engines),
        precisions=_split(precisions),
        repeats=repeats,
        on_step=say,
    )
    if as_json:
        print_json(cast("dict[str, JSON]", dataclasses.asdict(found)))
        return
    typer.echo(f"{found.model} on {found.items:,} items, {found.budget} chosen by {found.strategy}")
    print_table(
        (
            "engine",
            "precision",
            "model alone /s",
            "whole job /s",
            f"overlap at {found.budget}",
            "mean apart",
            "max",
        ),
        [_compared(row) for row in found.rows],
        right=(2, 3, 4, 5, 6),
    )
    for out in found.left_out:
        typer.echo(f"left out: {out.engine} {out.precision}: {out.reason}")


def _compared(row: Compared) -> tuple[str, ...]:
    return (
        row.engine,
        row.precision,
        f"{row.encode_rate:,.0f}",
        f"{row.job_rate:,.0f}",
        f"{row.overlap:.0%}",
        f"{row.mean_difference:.2%}",
        f"{row.max_difference:.2%}",
    )


def _split(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


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
