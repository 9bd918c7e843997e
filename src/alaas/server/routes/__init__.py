"""One file per resource."""

from alaas.protocol import (
    BatchRequest,
    ExportRequest,
    ExtendRequest,
    ItemsRequest,
    PredictRequest,
    ProjectChange,
    ProjectDefinition,
    ReleaseRequest,
    StreamRequest,
    TellRequest,
)
from alaas.server.routes import (
    batches,
    events,
    exports,
    health,
    items,
    jobs,
    labels,
    metrics,
    models,
    original,
    predictions,
    projects,
    rounds,
    select,
    strategies,
    streams,
)

ROUTERS = (
    select.router,
    projects.router,
    items.router,
    streams.router,
    batches.router,
    labels.router,
    rounds.router,
    predictions.router,
    exports.router,
    events.router,
    jobs.router,
    strategies.router,
    models.router,
    health.router,
    metrics.router,
    original.router,
)

BODIES = (
    ProjectDefinition,
    ProjectChange,
    ItemsRequest,
    StreamRequest,
    BatchRequest,
    ReleaseRequest,
    ExtendRequest,
    TellRequest,
    PredictRequest,
    ExportRequest,
)
"""The bodies of projects, which routes read by themselves, for the description of the interface."""
