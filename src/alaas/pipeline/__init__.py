"""The stages from an item to its features. They know no runtime: any runtime may run them anywhere."""

from alaas.pipeline._record import Record
from alaas.pipeline._stage import Stage
from alaas.pipeline.line import Line

__all__ = ["Line", "Record", "Stage"]
