"""What is measured. Each server has a registry of its own: several in one process do not mix."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from alaas.types import StageStats
from alaas.version import __version__

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)


class Measures:
    """The metrics of one server. Labels have few values: routes are templates, never paths.

    What is true of the store as a whole (waiting jobs, projects) is looked up when somebody asks; see
    ``alaas.server.telemetry.standing``.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge(
            "alaas_build_info",
            "Always 1; the labels say what runs.",
            ["version", "python"],
            registry=registry,
        ).labels(__version__, platform.python_version()).set(1)
        self.requests = Counter(
            "alaas_http_requests_total",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "alaas_http_request_duration_seconds",
            "From a request's head to its last byte; event streams are left out.",
            ["method", "route"],
            buckets=_QUICK,
            registry=registry,
        )
        self.requests_open = Gauge(
            "alaas_http_requests_open", "Requests that are being answered.", registry=registry
        )
        self.rpcs = Counter(
            "alaas_rpc_calls_total", "Calls over gRPC that have ended.", ["method", "code"], registry=registry
        )
        self.rpc_seconds = Histogram(
            "alaas_rpc_call_duration_seconds",
            "From a call over gRPC to its end; calls whose answer is a stream are left out.",
            ["method"],
            buckets=_QUICK,
            registry=registry,
        )
        self.rpcs_open = Gauge("alaas_rpc_calls_open", "Calls over gRPC that are open.", registry=registry)
        self.jobs_ended = Counter(
            "alaas_jobs_ended_total", "Jobs that ended here.", ["kind", "state"], registry=registry
        )
        self.job_seconds = Histogram(
            "alaas_job_duration_seconds",
            "How long jobs took that ended here, from the last time they were begun.",
            ["kind", "state"],
            buckets=_LONG,
            registry=registry,
        )
        self.job_wait_seconds = Histogram(
            "alaas_job_wait_seconds",
            "How long jobs waited before they were first begun here.",
            ["kind"],
            buckets=_LONG,
            registry=registry,
        )
        self.jobs_here = Gauge("alaas_jobs_running_here", "Jobs that run here.", ["kind"], registry=registry)
        self.store_seconds = Histogram(
            "alaas_store_call_duration_seconds",
            "How long calls of the store took, failed ones too.",
            ["call"],
            buckets=_QUICK,
            registry=registry,
        )
        self.store_failures = Counter(
            "alaas_store_failures_total",
            "Calls of the store that failed because it was away, full or read-only.",
            ["call"],
            registry=registry,
        )
        self.deliveries = Counter(
            "alaas_webhook_deliveries_total",
            "Tries to tell a receiver, by what came of them.",
            ["outcome"],
            registry=registry,
        )
        self._stages = _Stages(registry)

    def see_run(self, stages: Sequence[StageStats], *, done: int) -> None:
        """Count a run of the pipeline that has ended, and show how its stages did."""
        if stages:
            self._stages.see(stages, done)


class _Stages:
    """The pipeline, stage by stage, in the latest run."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._busy = Gauge(
            "alaas_pipeline_stage_busy_ratio",
            "Share of the latest run's time in which the stage's workers worked, 0 to 1.",
            ["stage"],
            registry=registry,
        )
        self._queue = Gauge(
            "alaas_pipeline_stage_queue_items",
            "Items that waited before the stage in the latest run, on average.",
            ["stage"],
            registry=registry,
        )
        self._rate = Gauge(
            "alaas_pipeline_stage_items_per_second",
            "Items that the stage's workers together did in a second of work in the latest run.",
            ["stage"],
            registry=registry,
        )
        self._hits = Counter(
            "alaas_pipeline_cache_hits_total",
            "Items whose features were remembered, so that no model ran.",
            registry=registry,
        )
        self._items = Counter(
            "alaas_pipeline_items_total", "Items that went through the pipeline.", registry=registry
        )

    def see(self, stages: Sequence[StageStats], done: int) -> None:
        for stage in stages:
            self._busy.labels(stage.name).set(stage.busy)
            self._queue.labels(stage.name).set(stage.queue)
            rate = stage.items * stage.workers / stage.seconds if stage.seconds else 0.0
            self._rate.labels(stage.name).set(rate)
        passed = {stage.name: stage.items for stage in stages}
        self._items.inc(done)
        # What recall found leaves the line there; the rest goes on to be decoded.
        self._hits.inc(max(passed.get("recall", 0) - passed.get("decode", 0), 0) if "decode" in passed else 0)
