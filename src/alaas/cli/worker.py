"""``alaas worker``: a process that does what servers are asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from alaas.cli._options import Runtime, Settings, load


def worker(
    config: Annotated[
        Path | None,
        typer.Argument(metavar="CONFIG", help="The server's YAML file.", show_default=False),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Jobs that run at the same time.", show_default=False),
    ] = None,
    nice: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=19, help="How far it gives way to other processes."),
    ] = 10,
    runtime: Runtime = None,
    settings: Settings = None,
) -> None:
    """Work on the jobs of a store until Ctrl-C or SIGTERM, beside a server or instead of it."""
    settled = load(config, {"pipeline.runtime": runtime}, settings)
    from alaas.server.working import work

    os.nice(nice)  # whoever waits for a server on this machine goes before whoever waits for a job

    work(settled, jobs=jobs)
