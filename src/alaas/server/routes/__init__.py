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
)

ROUTERS = (
    select.router,
    projects.router,
    items.router,
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
    BatchRequest,
    ReleaseRequest,
    ExtendRequest,
    TellRequest,
    PredictRequest,
    ExportRequest,
)
"""The bodies of projects, which routes read by themselves, for the description of the interface."""
