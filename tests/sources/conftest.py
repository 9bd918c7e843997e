"""Sources from settings, with a fetcher that is closed at the end of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import pytest

from alaas.config import EgressSettings, LimitSettings, SourceSettings
from alaas.fetching import Fetcher, open_fetcher
from alaas.sources import Source, open_source
from alaas.types import ModalityName

OpenSource: TypeAlias = Callable[..., Source]


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    made = open_fetcher(EgressSettings(allow=["127.0.0.1"]), LimitSettings(), trusted=True)
    yield made
    made.close()


@pytest.fixture
def opened(fetcher: Fetcher) -> OpenSource:
    def make(
        uri: object,
        modality: ModalityName | None = None,
        *,
        through: Fetcher | None = None,
        **settings,
    ) -> Source:
        given: str | Sequence[str] = uri if isinstance(uri, list) else str(uri)
        return open_source(
            SourceSettings(uri=given, **settings), modality=modality, fetcher=through or fetcher
        )

    return make
