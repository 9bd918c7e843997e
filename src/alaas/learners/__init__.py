"""Learners: what learns from the labels. One file each."""

from alaas.learners._base import Fitted, Kind, Learner, Lesson, Targets
from alaas.learners._items import Inputs, ItemFitted, ItemLearner, ItemLesson

__all__ = [
    "Fitted",
    "Inputs",
    "ItemFitted",
    "ItemLearner",
    "ItemLesson",
    "Kind",
    "Learner",
    "Lesson",
    "Targets",
]
