"""A project on this machine, for the verbs of the command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alaas.cli._interrupt import cancelled_by_interrupt
from alaas.cli._progress import progress
from alaas.projects import (
    ME,
    Project,
    batch_body,
    disagreement_body,
    offered_body,
    replay_body,
    round_body,
    status_body,
    told_body,
)
from alaas.protocol import (
    AddedBody,
    BatchBody,
    DisagreementBody,
    ExportFormat,
    NewItemBody,
    OfferedBody,
    ReplayBody,
    Role,
    RoundBody,
    StatusBody,
    ToldBody,
)
from alaas.types import Answer


class LocalProject:
    """Gives what a project's verbs give as a server would.

    Args:
        project: the open project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def kind(self) -> str:
        """See ``Verbs``."""
        return self._project.config.task.kind

    def ask(
        self,
        k: int | None,
        *,
        annotator: str | None,
        pin: Sequence[str],
        exclude: Sequence[str],
        lease: float | None,
    ) -> BatchBody:
        """See ``Verbs``; Ctrl-C stops it."""
        with cancelled_by_interrupt() as cancel, progress() as shown:
            batch = self._project.ask(
                k,
                annotator=annotator or ME,
                pin=pin,
                exclude=exclude,
                lease=lease,
                cancel=cancel,
                on_progress=shown,
            )
        return batch_body(batch)

    def tell(
        self, batch_id: str | None, answers: Mapping[str, Answer], *, annotator: str | None, final: bool
    ) -> ToldBody:
        """See ``Verbs``."""
        return told_body(self._project.tell(batch_id, answers, annotator=annotator or ME, final=final))

    def status(self) -> StatusBody:
        """See ``Verbs``."""
        return status_body(self._project.status())

    def add(self, source: str, *, role: Role) -> AddedBody:
        """See ``Verbs``; Ctrl-C stops it."""
        with cancelled_by_interrupt() as cancel, progress() as shown:
            added = self._project.add(source, role=role, cancel=cancel, on_progress=shown)
        return AddedBody(added=added.added, known=added.known)

    def offer(self, items: Sequence[NewItemBody]) -> OfferedBody:
        """See ``Verbs``; Ctrl-C stops it."""
        with cancelled_by_interrupt() as cancel:
            return offered_body(self._project.offer([one.item() for one in items], cancel=cancel))

    def retrain(self) -> RoundBody | None:
        """See ``Verbs``; Ctrl-C stops it."""
        with cancelled_by_interrupt() as cancel:
            made = self._project.retrain(cancel=cancel)
        return None if made is None else round_body(made)

    def replay(self, batch_id: str) -> ReplayBody:
        """See ``Verbs``."""
        return replay_body(self._project.replay(batch_id))

    def release(self, batch_id: str) -> BatchBody:
        """See ``Verbs``."""
        return batch_body(self._project.release(batch_id))

    def conflicts(self) -> list[DisagreementBody]:
        """See ``Verbs``."""
        return [disagreement_body(found) for found in self._project.conflicts()]

    def export(self, format: ExportFormat) -> Iterator[str]:  # noqa: A002
        """See ``Verbs``."""
        return self._project.export(format)

    def model(self) -> bytes:
        """See ``Verbs``."""
        return self._project.model()
