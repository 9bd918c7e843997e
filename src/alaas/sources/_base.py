"""The contract of a source: where items come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TypeAlias

from alaas.config import SourceSettings
from alaas.fetching import Fetcher
from alaas.types import FailedItem, Item, ModalityName

Entry: TypeAlias = Item | FailedItem
"""An item, or the report of a row that could not be made one."""


class Source(ABC):
    """Yields items lazily, in an order that does not change while the data does not."""

    @property
    def remote(self) -> bool:
        """Whether fetching an item waits for a network: decides how many are fetched at once."""
        return False

    @property
    def total(self) -> int | None:
        """How many entries there will be, if that is known without reading them."""
        return None

    @abstractmethod
    def describe(self) -> str:
        """What to call it in messages, such as the folder's path."""

    @abstractmethod
    def __iter__(self) -> Iterator[Entry]:
        """Read it from the start; a source can be read more than once.

        A bad row is yielded as a ``FailedItem``; what makes the whole unreadable is raised.

        Raises:
            SourceError: it is missing, unreadable or lacks a needed column. An empty one yields nothing.
        """


class ConfiguredSource(Source):
    """A source made from settings: what ``open_source`` and plug-ins make.

    Built-ins are called by the shape of ``settings.uri``. A plug-in of the entry point group
    ``alaas.sources`` is called by the scheme of its addresses: one named ``lake`` opens ``lake://…``.

    Args:
        settings: the ``source`` part of the configuration.
        modality: what the items are, if that is known already.
        fetcher: how anything is read; it judges what may be.
    """

    def __init__(self, settings: SourceSettings, *, modality: ModalityName | None, fetcher: Fetcher) -> None:
        self.settings = settings
        self.modality = modality
        self.fetcher = fetcher

    @property
    def uri(self) -> str:
        """The one address in the settings."""
        uri = self.settings.uri
        return uri if isinstance(uri, str) else uri[0]

    def describe(self) -> str:
        return self.uri
