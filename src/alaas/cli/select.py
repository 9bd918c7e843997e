"""``alaas select``: choose from a source, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alaas.cli._options import AsJson, ConfigFile, Runtime, Settings, load
from alaas.cli._words import say


def select(
    source: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help="A folder, glob, manifest, text file or address; or several items by path or address.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", "-b", metavar="N", help="How many items to choose.")
    ] = None,
    strategy: Annotated[
        str | None, typer.Option("--strategy", "-s", metavar="NAME", help="See `alaas strategies`.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="See `alaas models list`.")
    ] = None,
    modality: Annotated[
        str | None, typer.Option(metavar="image|text|table", help="What the items are.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="The same seed gives the same choice.")
    ] = None,
    runtime: Runtime = None,
    config: ConfigFile = None,
    settings: Settings = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Compute afresh and remember nothing.")
    ] = False,
    as_json: AsJson = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this .json, .jsonl or .csv file instead."
        ),
    ] = None,
) -> None:
    """Choose the items of SOURCE that are most worth labelling."""
    from alaas.cli._result import check_output, print_selection, say_how_it_went, whole, write_selection

    options = {
        "source": None if not source else source[0] if len(source) == 1 else source,
        "budget": budget,
        "strategy": strategy,
        "model": model,
        "modality": modality,
        "seed": seed,
        "pipeline.runtime": runtime,
        "cache.enabled": False if no_cache else None,
    }
    settled = load(config, options, settings)
    if output is not None:
        check_output(output)
    from alaas.cli._interrupt import cancelled_by_interrupt
    from alaas.cli._progress import progress
    from alaas.protocol import SelectionBody
    from alaas.selecting import Selector

    with cancelled_by_interrupt() as cancel, Selector(settled) as selector, progress() as shown:
        selection = selector.select(on_progress=shown, cancel=cancel)
    for warning in selection.warnings:
        say(warning)
    if output is not None:
        write_selection(output, SelectionBody.of(selection))
    elif as_json:
        typer.echo(whole(SelectionBody.of(selection)), nl=False)
    else:
        print_selection(selection)
    if not as_json:
        say_how_it_went(selection)
