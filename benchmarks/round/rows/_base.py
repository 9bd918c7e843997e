"""The contract of a row of the table: one way of choosing from the same pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from benchmarks.round._dataset import Dataset, Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the files are read from: ``file``, or ``httpN``, the local HTTP server with N ms an object."""

    name: str
    base: str = ""

    @property
    def remote(self) -> bool:
        """Whether a download is needed."""
        return self.name.startswith("http")

    def uri(self, dataset: Dataset, picture: Picture) -> str:
        """The picture's address here."""
        if not self.remote:
            return str(dataset.path(picture))
        return f"{self._prefix()}{quote(picture.name)}"

    def picture_name(self, dataset: Dataset, uri: str) -> str:
        """The picture's name again, from its address."""
        prefix = self._prefix() if self.remote else f"{dataset.folder}/"
        return uri.removeprefix("file://").removeprefix(prefix)

    def _prefix(self) -> str:
        return f"{self.base}/{self.name.removeprefix('http')}/"


@dataclass(frozen=True, kw_only=True)
class Task:
    """What every row does: choose ``budget`` of ``pool`` with ``strategy``.

    ``warmup`` are a few other images, chosen from before anything is measured, so that every row starts with
    its processes up and its model loaded.
    """

    dataset: Dataset
    pool: tuple[Picture, ...]
    warmup: tuple[Picture, ...]
    budget: int
    strategy: str
    seed: int
    place: Place
    scratch: Path
    peers: Path

    def uris(self, pictures: tuple[Picture, ...]) -> list[str]:
        """The addresses of some pictures."""
        return [self.place.uri(self.dataset, picture) for picture in pictures]

    def names(self, uris: list[str]) -> tuple[str, ...]:
        """The pictures' names, from their addresses."""
        return tuple(self.place.picture_name(self.dataset, uri) for uri in uris)


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One measured round.

    Attributes:
        row: the line of the table that it belongs to.
        place: where the files were.
        items: the pool's size.
        seconds: from the request to the answer.
        selected: names of the chosen pictures, best first.
        peak_bytes: the most memory that the row's processes held; None where it was not sampled.
        note: what a reader should know of this round.
        repeat: which turn of the rows it belongs to, from 0.
    """

    row: str
    place: str
    items: int
    seconds: float
    selected: tuple[str, ...] = ()
    peak_bytes: int | None = None
    note: str = ""
    repeat: int = 0


class Row(ABC):
    """One way of choosing. ``name`` is what ``--rows`` takes."""

    name: ClassVar[str]
    needs_environment: ClassVar[str | None] = None
    """A peer's environment (``python -m benchmarks.peers NAME`` makes it); None if it runs in ours."""

    def refusal(self, task: Task) -> str | None:  # noqa: ARG002  (most rows can do every task)
        """Why this row cannot do the task; None if it can."""
        return None

    @abstractmethod
    def measure(self, task: Task) -> list[Round]:
        """Start, warm up, measure one round (or several of different kinds), and end what was started."""
