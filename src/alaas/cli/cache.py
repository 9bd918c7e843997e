"""``alaas cache``: the feature cache."""

from __future__ import annotations

import typer

from alaas.cli._options import AsJson, ConfigFile, Settings, load
from alaas.cli._words import print_json

app = typer.Typer(help="Look at the feature cache, or empty it.")


@app.callback(invoke_without_command=True)
def _alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        info()


@app.command("info")
def info(config: ConfigFile = None, settings: Settings = None, as_json: AsJson = False) -> None:
    """Say where the cache is and what it holds."""
    from dataclasses import asdict

    from alaas.features import open_cache

    cache = open_cache(load(config, settings=settings).cache)
    try:
        found = cache.info()
    finally:
        cache.close()
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(f"location  {found.location}")
    typer.echo(f"items     {found.entries:,}")
    cap = "" if found.max_bytes is None else f" of {found.max_bytes / 1e6:,.0f} MB"
    typer.echo(f"size      {found.bytes / 1e6:,.1f} MB{cap}")


@app.command("clear")
def clear(config: ConfigFile = None, settings: Settings = None) -> None:
    """Forget everything that was computed."""
    from alaas.features import open_cache

    cache = open_cache(load(config, settings=settings).cache)
    try:
        freed = cache.clear()
    finally:
        cache.close()
    typer.echo(f"{freed / 1e6:,.1f} MB freed")
