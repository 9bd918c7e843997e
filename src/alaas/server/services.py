"""What the routes work with; opened once for the process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from alaas.access import Admission
from alaas.config import Config
from alaas.jobs import Jobs, MemoryJobs
from alaas.selecting import Selector
from alaas.server.keys import open_admission
from alaas.server.selection import select_handler
from alaas.stores._memory_keys import MemoryKeyTable


@dataclass(frozen=True, kw_only=True)
class Services:
    """The open parts of a server. ``stopping`` is set when it begins to stop: streams end at once."""

    config: Config
    selector: Selector
    jobs: Jobs
    admission: Admission
    stopping: threading.Event

    def close(self) -> None:
        """Cancel the jobs and let go of files and connections."""
        self.stopping.set()
        self.jobs.close(timeout=1.0)
        self.selector.close()


def open_services(config: Config) -> Services:
    """Open what a server needs under ``config``; requests are not trusted.

    Raises:
        ConfigError: a setting cannot be followed.
    """
    keys = MemoryKeyTable(time.time, lambda _actor, _verb, _subject: None)
    selector = Selector(config, trusted=False)
    jobs = MemoryJobs(
        {"select": select_handler(selector)},
        workers=config.server.jobs,
        max_waiting=config.limits.max_jobs,
        max_waiting_bytes=4 * int(config.limits.max_request_bytes),
    )
    return Services(
        config=config,
        selector=selector,
        jobs=jobs,
        admission=open_admission(config, keys),
        stopping=threading.Event(),
    )


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(_services)]
"""A route's parameter that holds the services."""
