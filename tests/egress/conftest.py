"""Clients that are closed at the end of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from alaas.config import EgressSettings
from alaas.egress import Egress


@pytest.fixture
def open_egress() -> Iterator[Callable[..., Egress]]:
    opened: list[Egress] = []

    def make(*allow: str, resolve=None, tls=None, **settings) -> Egress:
        made = EgressSettings(allow=list(allow), **settings)
        given = {} if resolve is None else {"resolve": resolve}
        opened.append(Egress(made, tls=tls, **given))
        return opened[-1]

    yield make
    for egress in opened:
        egress.close()


@pytest.fixture
def egress(open_egress: Callable[..., Egress]) -> Egress:
    return open_egress("127.0.0.1", timeout=5, connect_timeout=2)


@pytest.fixture
def hasty(open_egress: Callable[..., Egress]) -> Egress:
    """Gives up after 0.4 s."""
    return open_egress("127.0.0.1", timeout=0.4)
