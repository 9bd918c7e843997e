"""Projects: the pool, the labels, the rounds and the learner, and the verbs that act on them."""

from alaas.projects._bodies import (
    batch_body,
    disagreement_body,
    item_body,
    label_body,
    moment,
    prediction_body,
    project_body,
    replay_body,
    round_body,
    status_body,
    told_body,
)
from alaas.projects._opening import store_of
from alaas.projects._project import ME, Oracle, Project
from alaas.projects._projects import Projects
from alaas.projects._telling import Telling
from alaas.projects._words import (
    Answer,
    Batch,
    BatchItem,
    Decision,
    Defer,
    Disagreement,
    Offered,
    Prediction,
    Reason,
    Replayed,
    Round,
    Skip,
    Status,
    Told,
    Unsure,
)
from alaas.projects._work import project_handlers

__all__ = [
    "ME",
    "Answer",
    "Batch",
    "BatchItem",
    "Decision",
    "Defer",
    "Disagreement",
    "Offered",
    "Oracle",
    "Prediction",
    "Project",
    "Projects",
    "Reason",
    "Replayed",
    "Round",
    "Skip",
    "Status",
    "Telling",
    "Told",
    "Unsure",
    "batch_body",
    "disagreement_body",
    "item_body",
    "label_body",
    "moment",
    "prediction_body",
    "project_body",
    "project_handlers",
    "replay_body",
    "round_body",
    "status_body",
    "store_of",
    "told_body",
]
