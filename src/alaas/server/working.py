"""Working on the jobs of a store without listening, until someone asks the process to stop."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from alaas.config import Config
from alaas.errors import UsageError
from alaas.server.services import Services, open_services
from alaas.server.telemetry.logs import logging_to_stderr

_GRACE = 1.8
"""Seconds for handing work back; a store that cannot be reached must not keep the process alive."""

_LOOK = 0.1
"""Seconds between two looks whether a signal has come."""


def work(config: Config, *, jobs: int | None = None) -> None:
    """Work until SIGTERM or SIGINT, then hand the jobs back and leave within two seconds.

    Prints one line when it has begun.

    Args:
        config: settings; ``config.store`` says whose jobs.
        jobs: how many run at the same time; ``server.jobs`` if left out, and at least one.

    Raises:
        UsageError: the store is of this process alone, so nobody could queue a job.
        StoreError: the store cannot be opened.
    """
    count = max(1, config.server.jobs if jobs is None else jobs)
    with _caught() as signals, logging_to_stderr(config.log):
        services = open_services(config, workers=count)
        try:
            if not services.store.shared:
                raise UsageError(
                    "a worker needs a store that a server uses too, got one in the memory of this process; "
                    "set store.url to sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
                )
            sys.stdout.write(f"ALaaS works on {count} job{'s' if count > 1 else ''} at a time\n")
            sys.stdout.flush()
            while not signals:
                time.sleep(_LOOK)
        finally:
            _close(services)


def _close(services: Services) -> None:
    closing = threading.Thread(target=services.close, name="alaas-closing", daemon=True)
    closing.start()
    closing.join(_GRACE)


@contextmanager
def _caught() -> Iterator[list[int]]:
    """The signals that have asked to stop, as they come; a second Ctrl-C interrupts.

    A list and not an event: the handler may run while this very thread holds the event's lock. And it is to
    be looked at from time to time: a signal that reaches another thread first does not end a wait of this
    one.
    """
    signals: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
