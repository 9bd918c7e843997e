"""Active learning as a service: from a pool of images, texts or rows to the items worth labelling.

    alaas.query("margin", budget=100, probs=p)                # arrays in, indices out
    alaas.select("photos/", budget=100, strategy="k_center")  # items in, a selection out; no server
    alaas.Project.open("flowers.yaml").ask(40)                 # a batch to label; tell, and ask again
    alaas.Client("http://127.0.0.1:8081")                     # the same verbs over the wire
    alaas.Server.start()                                      # serve from this process

Names are imported when they are first used, so that ``import alaas`` is quick and loads no engine.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

from alaas.version import __version__ as __version__

if TYPE_CHECKING:
    from alaas.client import AsyncClient, Client
    from alaas.errors import AlaasError
    from alaas.projects import Batch, Defer, Project, Skip, Status, Unsure
    from alaas.selecting import Selector, select
    from alaas.server import Server
    from alaas.strategies import Strategy, query
    from alaas.streaming import Stream
    from alaas.types import Item, PoolSelection, Selection, Signals

_HOMES = {
    "AlaasError": "alaas.errors",
    "AsyncClient": "alaas.client",
    "Batch": "alaas.projects",
    "Client": "alaas.client",
    "Defer": "alaas.projects",
    "Item": "alaas.types",
    "PoolSelection": "alaas.types",
    "Project": "alaas.projects",
    "Selection": "alaas.types",
    "Selector": "alaas.selecting",
    "Server": "alaas.server",
    "Signals": "alaas.types",
    "Skip": "alaas.projects",
    "Status": "alaas.projects",
    "Strategy": "alaas.strategies",
    "Stream": "alaas.streaming",
    "Unsure": "alaas.projects",
    "query": "alaas.strategies",
    "select": "alaas.selecting",
}

__all__ = [
    "AlaasError",
    "AsyncClient",
    "Batch",
    "Client",
    "Defer",
    "Item",
    "PoolSelection",
    "Project",
    "Selection",
    "Selector",
    "Server",
    "Signals",
    "Skip",
    "Status",
    "Strategy",
    "Stream",
    "Unsure",
    "query",
    "select",
]


# What is logged is for whoever runs a server, a worker or a program of their own that asks for it.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'alaas' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
