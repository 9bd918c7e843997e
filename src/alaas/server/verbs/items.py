"""Adding items to a project, and listing them."""

from __future__ import annotations

from collections.abc import Sequence

from alaas.access import Caller
from alaas.projects import Project, item_body
from alaas.protocol import AddedBody, ImportWork, ItemPage, ItemsRequest, JobBody, Role
from alaas.server.given import items_of
from alaas.server.opened import queue_import
from alaas.server.paging import cut, number
from alaas.server.services import Services
from alaas.stores import ItemState


def add_items(
    services: Services, caller: Caller, project: Project, body: ItemsRequest, key: str | None
) -> AddedBody | JobBody:
    """Add the items of a request at once, or queue the reading of a source.

    Raises:
        LimitError: more items, or larger ones, than one request may bring.
    """
    if body.source is not None:
        work = ImportWork(project=project.name, source=body.source, role=body.role, actor=caller.name)
        return queue_import(services, work, caller=caller, key=key)
    items = items_of(body.items or [], services.config)
    added = project.add(items, role=body.role, actor=caller.name)
    if added.added and services.store.last_round(project.name) is not None:
        services.following.follow(project.name)  # tables have other features now
    return AddedBody(added=added.added, known=added.known)


def list_items(
    project: Project,
    after: str | None,
    limit: int,
    *,
    states: Sequence[ItemState] | None = None,
    ids: Sequence[str] | None = None,
    role: Role | None = None,
) -> ItemPage:
    """A page of items in the order of their arrival."""
    found = project.store.items(
        project.name, after=number(after, -1), limit=limit + 1, states=states, ids=ids, role=role
    )
    rows, more = cut(found, limit, lambda row: row.number)
    return ItemPage(items=[item_body(row) for row in rows], next=more)
