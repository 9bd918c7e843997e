"""Fetchers that are closed at the end of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from alaas.config import EgressSettings, LimitSettings
from alaas.fetching import Fetcher, open_fetcher


@pytest.fixture
def opened() -> Iterator[Callable[..., Fetcher]]:
    made: list[Fetcher] = []

    def make(
        *,
        trusted: bool = True,
        roots: Sequence[str] = (),
        open_roots: list[str] | None = None,
        limits: LimitSettings | None = None,
        **egress,
    ) -> Fetcher:
        settings = EgressSettings(roots=open_roots, **egress)
        made.append(open_fetcher(settings, limits or LimitSettings(), trusted=trusted, roots=roots))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()
