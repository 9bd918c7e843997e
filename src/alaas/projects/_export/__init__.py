"""A project's labels in the formats of others, as pieces of text that come one after another."""

from alaas.projects._export._formats import MEDIA_TYPES, export
from alaas.projects._export._row import ExportRow

__all__ = ["MEDIA_TYPES", "ExportRow", "export"]
