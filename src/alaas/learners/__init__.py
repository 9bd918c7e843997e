"""Learners: what learns from the labels. One file each."""

from alaas.learners._base import Fitted, Kind, Learner, Lesson, Targets

__all__ = ["Fitted", "Kind", "Learner", "Lesson", "Targets"]
