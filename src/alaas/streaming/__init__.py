"""Sampling a stream: what each item is worth on arrival, and whether it is taken."""

from alaas.streaming._novelty import Novelty
from alaas.streaming._recent import Recent
from alaas.streaming._stream import Stream
from alaas.streaming._worth import Drawn, Given, Worth

__all__ = ["Drawn", "Given", "Novelty", "Recent", "Stream", "Worth"]
