"""Writing labelled items down."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from alaas.access import Caller
from alaas.projects import Project
from alaas.protocol import ExportFormat, ExportRequest, ExportWork, JobBody
from alaas.server.opened import queue
from alaas.server.services import Services


def export_pieces(project: Project, kind: ExportFormat) -> Iterator[str]:
    """An export, piece by piece; what is wrong is raised by this call and not by the first piece."""
    pieces = iter(project.export(kind))
    return itertools.chain(list(itertools.islice(pieces, 1)), pieces)


def start_export(
    services: Services, caller: Caller, project: Project, body: ExportRequest, key: str | None
) -> JobBody:
    """Queue an export; the job's result holds all of it."""
    work = ExportWork(project=project.name, format=body.format).model_dump_json()
    return queue(services, "export", work, project=project.name, caller=caller, key=key)
