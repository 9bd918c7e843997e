"""One file per resource."""

from alaas.server.routes import health, jobs, models, original, select, strategies

ROUTERS = (
    select.router,
    jobs.router,
    strategies.router,
    models.router,
    health.router,
    original.router,
)
