"""Offering items of a stream."""

from __future__ import annotations

from alaas.access import Caller
from alaas.projects import Project, offered_body
from alaas.protocol import OfferedBody, StreamRequest
from alaas.server.given import items_of
from alaas.server.services import Services


def offer(services: Services, caller: Caller, project: Project, body: StreamRequest) -> OfferedBody:
    """Take each item into the pool, or let it go.

    Raises:
        LimitError: more items, or larger ones, than one request may bring.
        UsageError: the project samples no stream.
    """
    items = items_of(body.items, services.config)
    offered = project.offer(items, actor=caller.name)
    new = any(one.taken and one.why in ("scored", "warm-up") for one in offered.decisions)
    if new and services.store.last_round(project.name) is not None:
        services.following.follow(project.name)  # tables have other features now
    return offered_body(offered)
