"""Webhooks on a store in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from alaas.config import EgressSettings, WebhookSettings
from alaas.jobs import DurableJobs
from alaas.stores import Store
from alaas.stores.memory import Memory
from alaas.webhooks import Patience, Webhooks
from receivers import Receiver, receivers, wait_until

HASTY = Patience(answer=1.0, first=0.02, most=0.1, look=0.01, write=0.05)


@pytest.fixture
def receiving() -> Iterator[Callable[..., Receiver]]:
    with receivers() as make:
        yield make


@pytest.fixture
def store() -> Iterator[Store]:
    with Memory() as memory:
        yield memory


@contextmanager
def telling(store: Store, *settings: WebhookSettings, patience: Patience = HASTY, **more):
    """Webhooks that are at work: whatever is written from here on, is told."""
    webhooks = Webhooks(
        settings,
        store,
        EgressSettings(),
        lambda handlers, workers: DurableJobs(handlers, store.jobs, workers=workers),
        patience=patience,
        rng=np.random.default_rng(0),
        **more,
    )
    try:
        wait_until(lambda: len(store.jobs.running()) >= len(settings))
        yield webhooks
    finally:
        webhooks.close()
