"""A project on a server, for the verbs of the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alaas.client import RemoteProject
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


class AwayProject:
    """Passes the verbs on to a server. A path in ``add`` is the server's.

    Args:
        project: the project on the server.
    """

    def __init__(self, project: RemoteProject) -> None:
        self._project = project

    def kind(self) -> str:
        """See ``Verbs``."""
        task = self._project.show().definition.get("task")
        return str(task.get("kind")) if isinstance(task, dict) else "multi-class"

    def ask(
        self,
        k: int | None,
        *,
        annotator: str | None,
        pin: Sequence[str],
        exclude: Sequence[str],
        lease: float | None,
    ) -> BatchBody:
        """See ``Verbs``."""
        return self._project.ask(k, annotator=annotator, pin=pin, exclude=exclude, lease=lease)

    def tell(
        self, batch_id: str | None, answers: Mapping[str, Answer], *, annotator: str | None, final: bool
    ) -> ToldBody:
        """See ``Verbs``."""
        return self._project.tell(batch_id, answers, annotator=annotator, final=final)

    def status(self) -> StatusBody:
        """See ``Verbs``."""
        return self._project.status()

    def add(self, source: str, *, role: Role) -> AddedBody:
        """See ``Verbs``."""
        return self._project.add(source, role=role)

    def offer(self, items: Sequence[NewItemBody]) -> OfferedBody:
        """See ``Verbs``; without items the account alone."""
        return self._project.offer(items)

    def retrain(self) -> RoundBody | None:
        """See ``Verbs``."""
        return self._project.retrain()

    def replay(self, batch_id: str) -> ReplayBody:
        """See ``Verbs``."""
        return self._project.replay(batch_id)

    def release(self, batch_id: str) -> BatchBody:
        """See ``Verbs``."""
        return self._project.release(batch_id)

    def conflicts(self) -> list[DisagreementBody]:
        """See ``Verbs``."""
        return self._project.conflicts()

    def export(self, format: ExportFormat) -> list[str]:  # noqa: A002
        """See ``Verbs``; one piece."""
        return [self._project.export(format)]

    def model(self) -> bytes:
        """See ``Verbs``."""
        return self._project.model()
