"""The jobs of projects: each a JSON document in and one out, and harmless to do twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alaas.config import SourceSettings
from alaas.jobs import Handler, JobProgress, JobRun
from alaas.projects._bodies import batch_body, round_body
from alaas.projects._project import ME
from alaas.projects._projects import Projects
from alaas.protocol import (
    MEDIA_TYPES,
    AddedBody,
    AskWork,
    ExportBody,
    ExportWork,
    ImportWork,
    RetrainWork,
)
from alaas.runtimes import Progress

RETRAINER = "alaas"
"""Who retrains because labels have come."""


def project_handlers(projects: Projects) -> Mapping[str, Handler]:
    """What does the work of ``ask``, ``retrain``, ``import`` and ``export`` jobs."""

    def ask(document: str, run: JobRun) -> str:
        work = AskWork.model_validate_json(document)
        wanted = work.batch
        batch = projects.open(work.project).ask(
            wanted.k,
            annotator=wanted.annotator or ME,
            pin=wanted.pin,
            exclude=wanted.exclude,
            lease=wanted.lease,
            batch_id=run.id,
            cancel=run.cancel,
            on_progress=_reporter(run),
        )
        return batch_body(batch).model_dump_json()

    def retrain(document: str, run: JobRun) -> str:
        work = RetrainWork.model_validate_json(document)
        made = projects.open(work.project).retrain(actor=RETRAINER, cancel=run.cancel)
        return "null" if made is None else round_body(made).model_dump_json()

    def bring(document: str, run: JobRun) -> str:
        work = ImportWork.model_validate_json(document)
        project = projects.open(work.project)
        added = project.add(
            SourceSettings.model_validate(work.source.model_dump(exclude_unset=True)),
            role=work.role,
            actor=work.actor,
            cancel=run.cancel,
            on_progress=_reporter(run),
        )
        project.prepare(cancel=run.cancel, on_progress=_reporter(run))
        project.retrain(cancel=run.cancel)  # tables have other features now; elsewhere there is nothing to do
        return AddedBody(added=added.added, known=added.known).model_dump_json()

    def export(document: str, run: JobRun) -> str:  # noqa: ARG001  (an export is a read of seconds)
        work = ExportWork.model_validate_json(document)
        content = "".join(projects.open(work.project).export(work.format))
        return ExportBody(
            format=work.format, media_type=MEDIA_TYPES[work.format], content=content
        ).model_dump_json()

    return {"ask": ask, "retrain": retrain, "import": bring, "export": export}


def _reporter(run: JobRun) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        run.report(
            JobProgress(
                done=progress.done, failed=progress.failed, total=progress.total, stages=progress.stages
            )
        )

    return report
