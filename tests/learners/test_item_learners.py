"""The suite of learners from items can be passed without torch, by a few lines of numpy."""

from alaas.testing.item_learners import ItemLearnerSuite
from edge_learner import EdgeLearner


class TestEdges(ItemLearnerSuite):
    def make(self):
        return EdgeLearner()
