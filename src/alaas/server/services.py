"""What the routes work with; opened once for the process."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Request

from alaas.access import Admission
from alaas.config import Config
from alaas.jobs import Jobs
from alaas.projects import Projects, store_of
from alaas.selecting import Selector
from alaas.server.endings import tell_end
from alaas.server.following import Following
from alaas.server.keys import open_admission
from alaas.server.telemetry.jobs import WatchedJobs
from alaas.server.telemetry.measures import Measures
from alaas.server.telemetry.readiness import Readiness
from alaas.server.telemetry.standing import Standing
from alaas.server.telemetry.store import measured
from alaas.server.telling import Tellings
from alaas.server.work import handlers, open_jobs, open_webhook_jobs
from alaas.stores import Store
from alaas.webhooks import Webhooks


@dataclass(frozen=True, kw_only=True)
class Services:
    """The open parts of a server. ``stopping`` is set when it begins to stop: streams end at once."""

    config: Config
    selector: Selector
    store: Store
    projects: Projects
    jobs: Jobs
    following: Following
    tellings: Tellings
    webhooks: Webhooks
    admission: Admission
    measures: Measures
    readiness: Readiness
    stopping: threading.Event

    def close(self) -> None:
        """Hand the jobs back and let go of files and connections."""
        self.stopping.set()
        self.webhooks.close(timeout=0)
        self.jobs.close(timeout=1.0)
        self.webhooks.close(timeout=0.5)
        self.projects.close()
        self.selector.close()
        self.store.close()


def open_services(config: Config, *, workers: int | None = None) -> Services:
    """Open what a server needs under ``config``; requests are not trusted.

    ``workers`` overrides ``server.jobs``.

    Raises:
        ConfigError: a setting cannot be followed.
        StoreError: the store cannot be opened.
    """
    with ExitStack() as undo:
        stopping, measures = threading.Event(), Measures()
        store = measured(store_of(config), measures)
        undo.callback(store.close)
        selector = Selector(config, trusted=False)
        undo.callback(selector.close)
        projects = Projects(config, store)
        undo.callback(projects.close)
        webhooks = Webhooks(
            config.webhooks,
            store,
            config.egress,
            partial(open_webhook_jobs, store.jobs),
            on_outcome=lambda outcome: measures.deliveries.labels(outcome).inc(),
        )
        undo.callback(webhooks.close, timeout=0)
        watch = WatchedJobs(measures, on_end=partial(tell_end, webhooks, projects))
        jobs = open_jobs(config, store.jobs, handlers(selector, projects), workers=workers, watch=watch)
        undo.callback(jobs.close, timeout=0)
        readiness = Readiness(store, jobs, [config.cache.directory], stopping)
        measures.registry.register(Standing(store, readiness.is_ready))
        following = Following(jobs, store)
        following.catch_up()
        services = Services(
            config=config,
            selector=selector,
            store=store,
            projects=projects,
            jobs=jobs,
            following=following,
            tellings=Tellings(projects, following),
            webhooks=webhooks,
            admission=open_admission(config, store.keys),
            measures=measures,
            readiness=readiness,
            stopping=stopping,
        )
        undo.pop_all()
        return services


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(_services)]
"""A route's parameter that holds the services."""
