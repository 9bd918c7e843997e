"""Sampling a stream: what each item is worth on arrival, and whether it is taken."""

from alaas.streaming._novelty import Novelty
from alaas.streaming._stream import Stream
from alaas.streaming._worth import Given, Worth

__all__ = ["Given", "Novelty", "Stream", "Worth"]
