"""A project for the verbs that act on one: on this machine, or on a server, with the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeAlias

import typer

from alaas.cli._options import load

if TYPE_CHECKING:
    from alaas.config import Config
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

ProjectName: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="PROJECT", help="The project's YAML file; with --server its name will do, too."),
]
ServerUrl: TypeAlias = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Use the project on this server.", show_default=False),
]
Annotator: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--annotator",
        "-a",
        metavar="NAME",
        help="On whose behalf; by default your key's, or `me`.",
        show_default=False,
    ),
]


class Verbs(Protocol):
    """What the command can do with a project, wherever it is."""

    def kind(self) -> str:
        """What the task asks for: ``multi-class`` or ``multi-label``."""

    def ask(
        self,
        k: int | None,
        *,
        annotator: str | None,
        pin: Sequence[str],
        exclude: Sequence[str],
        lease: float | None,
    ) -> BatchBody:
        """Ask for items to label."""

    def tell(
        self, batch_id: str | None, answers: Mapping[str, Answer], *, annotator: str | None, final: bool
    ) -> ToldBody:
        """Tell labels."""

    def status(self) -> StatusBody:
        """See how it stands."""

    def add(self, source: str, *, role: Role) -> AddedBody:
        """Add the items of a source."""

    def offer(self, items: Sequence[NewItemBody]) -> OfferedBody:
        """Offer items of a stream."""

    def retrain(self) -> RoundBody | None:
        """Retrain; None if nothing has been told."""

    def replay(self, batch_id: str) -> ReplayBody:
        """Choose a batch again."""

    def release(self, batch_id: str) -> BatchBody:
        """Give a batch back."""

    def conflicts(self) -> list[DisagreementBody]:
        """Where annotators disagree."""

    def export(self, format: ExportFormat) -> Iterable[str]:  # noqa: A002
        """The labelled items, piece by piece."""

    def model(self) -> bytes:
        """The encoder with the latest learner, as ONNX."""


@contextmanager
def opened(project: str, server: str | None, settings: Sequence[str] | None = None) -> Iterator[Verbs]:
    """The project that the command names.

    Args:
        project: the path of a YAML file, or with a server a name.
        server: the server's address; None for a project on this machine.
        settings: ``section.key=value`` from ``--set``.

    Raises:
        ConfigError: the file is missing, or a setting is wrong.
    """
    if server is None:
        from alaas.cli._local import LocalProject
        from alaas.projects import Project

        with Project.open(_config(Path(project), settings)) as found:
            yield LocalProject(found)
        return
    from alaas.cli._away import AwayProject
    from alaas.client import Client

    name = _config(Path(project), settings).name if _is_file(project) else project
    with Client(server) as client:
        yield AwayProject(client.project(name))


def _is_file(project: str) -> bool:
    return Path(project).suffix.lower() in (".yaml", ".yml")


def _config(path: Path, settings: Sequence[str] | None) -> Config:
    """The configuration; a file that gives no name gives its own."""
    settled = load(path, None, settings)
    return settled if "name" in settled.model_fields_set else settled.model_copy(update={"name": path.stem})
