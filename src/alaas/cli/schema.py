"""``alaas schema``: what may stand in the YAML file, for editors."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON Schema of the configuration file."""
    from alaas.settings import config_schema

    typer.echo(json.dumps(config_schema(), indent=2))
