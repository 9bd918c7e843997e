"""One query over a source: items in, a selection out."""

from alaas.selecting._quantizing import quantize_model
from alaas.selecting._select import select
from alaas.selecting._selector import Selector

__all__ = ["Selector", "quantize_model", "select"]
