"""Engines and precisions side by side on the same items."""

from alaas.comparing._compare import compare
from alaas.comparing._words import Compared, Comparison, LeftOut

__all__ = ["Compared", "Comparison", "LeftOut", "compare"]
