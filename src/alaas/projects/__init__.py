"""Projects: the pool, the labels, the rounds and the learner, and the verbs that act on them."""

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
    "Answer",
    "Batch",
    "BatchItem",
    "Defer",
    "Disagreement",
    "Prediction",
    "Reason",
    "Replayed",
    "Round",
    "Skip",
    "Status",
    "Told",
    "Unsure",
]
