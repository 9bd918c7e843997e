"""Log lines of a process that is ours alone: a server or a worker. A library writes nothing by itself."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alaas.access import redact
from alaas.config import LogSettings
from alaas.server.telemetry.request_id import current

_DERIVED = frozenset({"message", "asctime"})
_STRUCTLOG = frozenset({"_record", "_from_structlog"})
"""What it takes away itself, after everybody else."""


@contextmanager
def logging_to_stderr(settings: LogSettings, *, file: int | None = None) -> Iterator[None]:
    """Write what this process logs, everybody's lines in one form: ours, uvicorn's and the libraries'.

    Of others' loggers only warnings and errors are told, unless the level is ``debug``.

    Args:
        settings: level and form.
        file: a file descriptor instead of that of stderr.
    """
    descriptor = _stderr() if file is None else file
    terminal = descriptor is not None and os.isatty(descriptor)
    for_people = settings.format == "console" or (settings.format == "auto" and terminal)
    handler = _Lines(descriptor)
    handler.setFormatter(_formatter(for_people=for_people, colours=terminal))
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root, ours = logging.getLogger(), logging.getLogger("alaas")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    ours.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


class _Lines(logging.Handler):
    """Writes lines to a file descriptor, and goes on without it if it is closed, full or gone.

    Nothing is kept back in a buffer, so a disk that has room again gets the next line, and the end of the
    process has nothing to complain about.
    """

    def __init__(self, descriptor: int | None) -> None:
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record: logging.LogRecord) -> None:
        if self._descriptor is None:
            return
        try:
            waiting = (redact(self.format(record)) + "\n").encode("utf-8", "backslashreplace")
            while waiting:
                waiting = waiting[os.write(self._descriptor, waiting) :]
        except Exception:  # noqa: BLE001  (there is nowhere left to say so, and the work goes on)
            pass


def _stderr() -> int | None:
    # Where the process was started without one, descriptor 2 may be any file by now.
    try:
        return None if sys.stderr is None else sys.stderr.fileno()
    except (OSError, ValueError):
        return None


def _formatter(*, for_people: bool, colours: bool) -> logging.Formatter:
    import structlog

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _request,
    ]
    ending: list[Any]
    if for_people:
        ending = [structlog.dev.ConsoleRenderer(colors=colours)]
    else:
        ending = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )


def _request(_logger: Any, _method: str, told: dict[str, Any]) -> dict[str, Any]:
    """Name the request during which the line was written; leave out what is not known.

    Another handler may have left its own ``message`` and ``asctime`` on the record, and other libraries (Ray)
    mark every record with attributes of their own, whose names begin with an underscore.
    """
    told.setdefault("request_id", current.get())
    return {
        name: value
        for name, value in told.items()
        if value is not None and name not in _DERIVED and (name[0] != "_" or name in _STRUCTLOG)
    }
