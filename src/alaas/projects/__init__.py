"""Projects: the pool, the labels, the rounds and the learner, and the verbs that act on them."""

from alaas.projects._opening import store_of, store_url
from alaas.projects._project import ME, Oracle, Project
from alaas.projects._projects import Projects
from alaas.projects._words import (
    Answer,
    Batch,
    BatchItem,
    Defer,
    Disagreement,
    Prediction,
    Reason,
    Replayed,
    Round,
    Skip,
    Status,
    Told,
    Unsure,
)

__all__ = [
    "ME",
    "Answer",
    "Batch",
    "BatchItem",
    "Defer",
    "Disagreement",
    "Oracle",
    "Prediction",
    "Project",
    "Projects",
    "Reason",
    "Replayed",
    "Round",
    "Skip",
    "Status",
    "Told",
    "Unsure",
    "store_of",
    "store_url",
]
