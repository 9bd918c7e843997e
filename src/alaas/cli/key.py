"""``alaas key``: the API keys of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from alaas.cli._options import AsJson, ConfigFile, Settings, load
from alaas.cli._words import print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alaas.access import Keyring
    from alaas.stores import KeyRow
    from alaas.types import JSON

app = typer.Typer(help="Make, list and revoke the API keys of a server. Needs its store, not the server.")

_ACTOR = "me"
_Name = Annotated[str, typer.Argument(metavar="NAME", help="Who uses it; their labels bear this name.")]


@app.callback(invoke_without_command=True)
def _alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_keys()


@app.command("create")
def create_key(
    name: _Name,
    role: Annotated[
        Literal["admin", "annotator", "reader"],
        typer.Option(help="reader: look; annotator: ask and tell as well; admin: everything."),
    ] = "annotator",
    project: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Good for this project alone; repeatable. By default for all."),
    ] = None,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It is shown only now: what is kept cannot give it back."""
    with _keyring(config, settings) as keyring:
        row, token = keyring.create(name, role, project or None, actor=_ACTOR)
    if as_json:
        print_json({**_plain(row), "key": token.text})
        return
    typer.echo(token.text)
    say(f"this is the key of {row.name}, {row.role} of {_scope(row)}; it is shown only now")
    say("give it to a client with key=…, in ALAAS_KEY, or in the header Authorization: Bearer …")


@app.command("list")
def list_keys(config: ConfigFile = None, settings: Settings = None, as_json: AsJson = False) -> None:
    """List all keys, revoked ones too; the keys themselves cannot be shown again."""
    with _keyring(config, settings) as keyring:
        rows = keyring.rows()
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    print_table(
        ("name", "role", "projects", "id", "made", "used", "revoked"),
        [
            (
                row.name,
                row.role,
                _scope(row),
                row.id,
                *(_shown(moment) for moment in (row.created, row.used, row.revoked)),
            )
            for row in rows
        ],
    )


@app.command("revoke")
def revoke_key(name: _Name, config: ConfigFile = None, settings: Settings = None) -> None:
    """End a key: a running server refuses it within seconds. The name may then be used again."""
    with _keyring(config, settings) as keyring:
        row = keyring.revoke(name, actor=_ACTOR)
    typer.echo(f"{row.name} is revoked")


@contextmanager
def _keyring(config: Path | None, settings: Sequence[str] | None) -> Iterator[Keyring]:
    from alaas.access import Keyring
    from alaas.errors import ConfigError
    from alaas.stores import open_store, store_url

    with open_store(store_url(load(config, settings=settings))) as store:
        if not store.shared:
            raise ConfigError(
                "store.url: a store in memory ends with this command, and its keys with it; name that of "
                "the server, such as sqlite:///alaas.db"
            )
        yield Keyring(store.keys)


def _plain(row: KeyRow) -> dict[str, JSON]:
    return {
        "name": row.name,
        "role": row.role,
        "projects": None if row.projects is None else list(row.projects),
        "id": row.id,
        "created": _moment(row.created),
        "used": _moment(row.used),
        "revoked": _moment(row.revoked),
    }


def _scope(row: KeyRow) -> str:
    return "all projects" if row.projects is None else ", ".join(row.projects)


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _shown(seconds: float | None) -> str:
    return "–" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
