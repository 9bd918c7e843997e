"""One file per service, or part of one: each call translated into a verb and its answer back."""

from __future__ import annotations

from collections.abc import Mapping

from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.methods import catalogue, jobs, labelling, learning, projects, selection

RPCS: Mapping[str, Mapping[str, Rpc]] = {
    "Selection": selection.RPCS,
    "Projects": {**projects.RPCS, **labelling.RPCS, **learning.RPCS},
    "Jobs": jobs.RPCS,
    "Catalogue": catalogue.RPCS,
}
"""Every call by service and name."""

__all__ = ["RPCS"]
