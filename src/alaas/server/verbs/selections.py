"""Choosing the items most worth labelling."""

from __future__ import annotations

from alaas.access import Caller
from alaas.protocol import JobBody, SelectRequest
from alaas.server.replies import job_body
from alaas.server.selection import check_request
from alaas.server.services import Services


def start_selection(services: Services, caller: Caller, body: SelectRequest, key: str | None) -> JobBody:
    """Queue a selection; the same idempotency key and request give the same job.

    Raises:
        UsageError: it could not be done.
        QueueFullError: as many jobs wait as may wait.
    """
    check_request(body, services.config)
    document = body.model_dump_json(exclude_defaults=True)
    return job_body(services.jobs.submit("select", document, idempotency_key=caller.own(key)))
