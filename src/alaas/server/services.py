"""What the routes work with; opened once for the process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from alaas.config import Config
from alaas.jobs import Jobs
from alaas.selecting import Selector
from alaas.server.work import handlers, open_jobs
from alaas.stores._memory_jobs import MemoryJobTable


@dataclass(frozen=True, kw_only=True)
class Services:
    """The open parts of a server. ``stopping`` is set when it begins to stop: streams end at once."""

    config: Config
    selector: Selector
    jobs: Jobs
    stopping: threading.Event

    def close(self) -> None:
        """Hand the jobs back and let go of files and connections."""
        self.stopping.set()
        self.jobs.close(timeout=1.0)
        self.selector.close()


def open_services(config: Config) -> Services:
    """Open what a server needs under ``config``; requests are not trusted.

    Raises:
        ConfigError: a setting cannot be followed.
    """
    selector = Selector(config, trusted=False)
    jobs = open_jobs(config, MemoryJobTable(time.time), handlers(selector))
    return Services(config=config, selector=selector, jobs=jobs, stopping=threading.Event())


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(_services)]
"""A route's parameter that holds the services."""
