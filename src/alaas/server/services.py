"""What the routes work with; opened once for the process."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from alaas.access import Admission
from alaas.config import Config
from alaas.jobs import Jobs
from alaas.projects import Projects, store_of
from alaas.selecting import Selector
from alaas.server.keys import open_admission
from alaas.server.work import follow_labels, handlers, open_jobs
from alaas.stores import Store


@dataclass(frozen=True, kw_only=True)
class Services:
    """The open parts of a server. ``stopping`` is set when it begins to stop: streams end at once."""

    config: Config
    selector: Selector
    store: Store
    projects: Projects
    jobs: Jobs
    admission: Admission
    stopping: threading.Event

    def close(self) -> None:
        """Hand the jobs back and let go of files and connections."""
        self.stopping.set()
        self.jobs.close(timeout=1.0)
        self.projects.close()
        self.selector.close()
        self.store.close()


def open_services(config: Config) -> Services:
    """Open what a server needs under ``config``; requests are not trusted.

    Raises:
        ConfigError: a setting cannot be followed.
        StoreError: the store cannot be opened.
    """
    with ExitStack() as undo:
        store = store_of(config)
        undo.callback(store.close)
        selector = Selector(config, trusted=False)
        undo.callback(selector.close)
        projects = Projects(config, store)
        undo.callback(projects.close)
        jobs = open_jobs(config, store.jobs, handlers(selector, projects))
        undo.callback(jobs.close, timeout=0)
        follow_labels(store, jobs)
        services = Services(
            config=config,
            selector=selector,
            store=store,
            projects=projects,
            jobs=jobs,
            admission=open_admission(config, store.keys),
            stopping=threading.Event(),
        )
        undo.pop_all()
        return services


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(_services)]
"""A route's parameter that holds the services."""
