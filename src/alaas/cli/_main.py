"""The verbs together, and how each of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from alaas.cli import (
    add,
    ask,
    cache,
    conflicts,
    doctor,
    export,
    init,
    key,
    learners,
    models,
    release,
    replay,
    retrain,
    schema,
    select,
    serve,
    status,
    strategies,
    stream,
    tell,
    worker,
)
from alaas.cli._words import say
from alaas.errors import AlaasError, CancelledError, UsageError

DONE, FAILED, MISUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
"""Exit codes; the last two are what a shell gives for SIGINT and SIGPIPE."""

app = typer.Typer(
    name="alaas",
    help="From a pool of images, texts or rows to the items worth labelling.",
    add_completion=False,
    rich_markup_mode=None,  # plain help costs half the time
    pretty_exceptions_enable=False,
)
app.command("select")(select.select)
app.command("ask")(ask.ask)
app.command("tell")(tell.tell)
app.command("status")(status.status)
app.command("add")(add.add)
app.command("stream")(stream.stream)
app.command("retrain")(retrain.retrain)
app.command("release")(release.release)
app.command("conflicts")(conflicts.conflicts)
app.command("replay")(replay.replay)
app.command("export")(export.export)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("init")(init.init)
app.command("schema")(schema.schema)
app.command("strategies")(strategies.strategies)
app.command("learners")(learners.learners)
app.command("doctor")(doctor.doctor)
app.add_typer(models.app, name="models")
app.add_typer(key.app, name="key")
app.add_typer(cache.app, name="cache")


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        from alaas.version import __version__

        typer.echo(__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its code: 0 done, 1 failed, 2 asked wrongly, 130 interrupted.

    What is wrong goes to stderr in one sentence; ``ALAAS_DEBUG=1`` shows where it came from.
    """
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    # Typer's own way to run would print what is wrong over several lines and swallow a closed pipe.
    command = typer.main.get_command(app)
    try:
        with command.make_context("alaas", list(sys.argv[1:] if arguments is None else arguments)) as context:
            command.invoke(context)
        return DONE
    except typer.Exit as ended:
        return ended.exit_code
    except (KeyboardInterrupt, typer.Abort, CancelledError):
        say("interrupted; what was computed so far is in the cache")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except typer.TyperException as error:
        say(f"{error.format_message()} `alaas --help` says more.")
        return error.exit_code
    except AlaasError as error:
        _show_trace()
        say(error.message)
        return MISUSED if isinstance(error, UsageError) else FAILED
    except Exception as error:  # noqa: BLE001  (the last line before a person)
        _show_trace()
        say(f"unexpected {type(error).__name__}: {error}; ALAAS_DEBUG=1 shows where it came from")
        return FAILED


def _show_trace() -> None:
    if os.environ.get("ALAAS_DEBUG"):
        import traceback

        traceback.print_exc()
