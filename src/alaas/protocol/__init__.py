"""The words of the wire: what requests and replies of the HTTP interface look like.

What a client sends is checked strictly: an unknown key is an error. What a server sends is read leniently,
so that a client outlives the server's next version.
"""

from __future__ import annotations

from alaas.protocol._base import Problem, Reply, Request
from alaas.protocol._catalogue import (
    HealthBody,
    ModelBody,
    ModelList,
    ParameterBody,
    StrategyBody,
    StrategyList,
)
from alaas.protocol._items import Blob, ItemBody, Located, SourceBody
from alaas.protocol._jobs import FINISHED, JobBody, JobLinks, JobList, JobState, ProgressBody
from alaas.protocol._selection import (
    FailedBody,
    ProvenanceBody,
    SelectedBody,
    SelectionBody,
    SelectRequest,
    StageBody,
    StatsBody,
    StrategyChoice,
)

__all__ = [
    "FINISHED",
    "Blob",
    "FailedBody",
    "HealthBody",
    "ItemBody",
    "JobBody",
    "JobLinks",
    "JobList",
    "JobState",
    "Located",
    "ModelBody",
    "ModelList",
    "ParameterBody",
    "Problem",
    "ProgressBody",
    "ProvenanceBody",
    "Reply",
    "Request",
    "SelectRequest",
    "SelectedBody",
    "SelectionBody",
    "SourceBody",
    "StageBody",
    "StatsBody",
    "StrategyBody",
    "StrategyChoice",
    "StrategyList",
]
