"""What is true of the whole store, looked up when somebody asks for the metrics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from alaas.errors import AlaasError
from alaas.stores import Store

MOST_PROJECTS = 100
"""So many projects have metrics of their own, the first by name: each is a handful of series."""

_FRESH = 5.0


class Standing(Collector):
    """Jobs and projects of a store, looked up at most once in ``_FRESH`` seconds.

    Args:
        store: what is looked at.
        is_ready: whether the server takes work.
        clock: seconds, for how old a look is.
    """

    def __init__(
        self, store: Store, is_ready: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._is_ready, self._clock = store, is_ready, clock
        self._looked = -_FRESH
        self._found: list[GaugeMetricFamily] = []
        self._lock = threading.Lock()

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The metrics without values: what Prometheus' client asks for when it is told of them."""
        yield from _Look().families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics as they are; those of a store that is away are left out."""
        ready = GaugeMetricFamily("alaas_ready", "1 while the server takes work, as /readyz says it.")
        ready.add_metric([], float(self._is_ready()))
        yield ready
        with self._lock:
            if self._clock() - self._looked >= _FRESH:
                self._found, self._looked = self._look(), self._clock()
            yield from self._found

    def _look(self) -> list[GaugeMetricFamily]:
        look = _Look()
        try:
            look.jobs(self._store)
            look.projects(self._store)
        except AlaasError:
            return []
        return look.families


class _Look:
    """One look at a store."""

    def __init__(self) -> None:
        self._waiting = GaugeMetricFamily("alaas_jobs_waiting", "Jobs that wait, of all processes.")
        self._running = GaugeMetricFamily(
            "alaas_jobs_running", "Jobs that run, in all processes.", labels=["kind"]
        )
        self._projects = GaugeMetricFamily("alaas_projects", f"Projects, counted up to {MOST_PROJECTS}.")
        self._items = GaugeMetricFamily(
            "alaas_project_items", "Items of a project's pool by state.", labels=["project", "state"]
        )
        self._held = GaugeMetricFamily(
            "alaas_project_items_held", "Items that are handed out at this moment.", labels=["project"]
        )
        self._batches = GaugeMetricFamily(
            "alaas_project_batches", "Batches that were ever handed out.", labels=["project"]
        )
        self._answers = GaugeMetricFamily(
            "alaas_project_answers", "Answers that were ever told.", labels=["project"]
        )

    @property
    def families(self) -> list[GaugeMetricFamily]:
        return [
            self._waiting,
            self._running,
            self._projects,
            self._items,
            self._held,
            self._batches,
            self._answers,
        ]

    def jobs(self, store: Store) -> None:
        self._waiting.add_metric([], store.jobs.waiting())
        for kind, count in Counter(row.kind for row in store.jobs.running()).items():
            self._running.add_metric([kind], count)

    def projects(self, store: Store) -> None:
        rows = store.projects(limit=MOST_PROJECTS)
        self._projects.add_metric([], len(rows))
        for row in rows:
            counts = store.counts(row.name)
            for state, count in counts.states.items():
                self._items.add_metric([row.name, state], count)
            self._held.add_metric([row.name], counts.held)
            self._batches.add_metric([row.name], counts.batches)
            self._answers.add_metric([row.name], counts.sequence)
