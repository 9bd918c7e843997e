"""The contract suite of ``Store``: subclass ``StoreSuite`` and say how to make one.

    class TestMyStore(StoreSuite):
        def make(self, clock):
            return MyStore(clock=clock)

``clock`` gives the time and must be the store's only one. Each call of ``make`` gives a new and empty store;
the suite closes it.
"""

from __future__ import annotations

from alaas.testing._store_answers import AnswerTests
from alaas.testing._store_batches import BatchTests
from alaas.testing._store_items import ItemTests
from alaas.testing._store_projects import ProjectTests
from alaas.testing._store_scenes import Clock
from alaas.testing._store_threads import ThreadTests

__all__ = ["Clock", "StoreSuite"]


class StoreSuite(ProjectTests, ItemTests, BatchTests, AnswerTests, ThreadTests):
    """What every store must do."""
