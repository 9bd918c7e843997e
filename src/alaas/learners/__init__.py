"""Learners: what learns from the labels. One file each, found by file name or by an entry point."""

from alaas.learners._base import Fitted, Kind, Learner, Lesson, Targets
from alaas.learners._build import build, registry
from alaas.learners._checks import check_features, check_lesson
from alaas.learners._container import pack, unpack
from alaas.learners._describe import LearnerInfo, describe
from alaas.learners._folds import cross_fit, deal
from alaas.learners._items import Inputs, ItemFitted, ItemLearner, ItemLesson

__all__ = [
    "Fitted",
    "Inputs",
    "ItemFitted",
    "ItemLearner",
    "ItemLesson",
    "Kind",
    "Learner",
    "LearnerInfo",
    "Lesson",
    "Targets",
    "build",
    "check_features",
    "check_lesson",
    "cross_fit",
    "deal",
    "describe",
    "pack",
    "registry",
    "unpack",
]
