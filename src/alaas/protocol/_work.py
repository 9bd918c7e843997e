"""What the jobs of projects are asked; a server writes these down and workers read them."""

from __future__ import annotations

from alaas.protocol._base import Request
from alaas.protocol._batches import BatchRequest
from alaas.protocol._items import SourceBody
from alaas.protocol._pool import ExportFormat, Role


class AskWork(Request):
    """The job ``ask``: its id becomes the batch's, so that running it again gives the same batch."""

    project: str
    batch: BatchRequest


class RetrainWork(Request):
    """The job ``retrain``. Nothing but the project: all that wait are one."""

    project: str


class ImportWork(Request):
    """The job ``import``."""

    project: str
    source: SourceBody
    role: Role = "pool"
    actor: str


class ExportWork(Request):
    """The job ``export``."""

    project: str
    format: ExportFormat
