"""``alaas serve``: the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alaas.cli._options import Runtime, Settings, load


def serve(
    config: Annotated[
        Path | None,
        typer.Argument(metavar="CONFIG", help="A YAML file, ours or that of ALaaS 0.2.", show_default=False),
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on.", show_default=False)
    ] = None,
    port: Annotated[
        str | None,
        typer.Option(metavar="N", help="Port to listen on; 0 takes any that is free.", show_default=False),
    ] = None,
    grpc_port: Annotated[
        str | None,
        typer.Option(metavar="N", help="Answer gRPC on this port, too; 0 takes any.", show_default=False),
    ] = None,
    runtime: Runtime = None,
    settings: Settings = None,
) -> None:
    """Serve selections over HTTP, and gRPC if asked, until Ctrl-C or SIGTERM."""
    options = {
        "server.host": host,
        "server.port": port,
        "server.grpc_port": grpc_port,
        "pipeline.runtime": runtime,
    }
    settled = load(config, options, settings)
    from alaas.server import serve as listen

    listen(settled)
