"""Every runtime keeps the same promises; what only threads can do is tested below."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from alaas.errors import MissingExtraError
from alaas.pipeline import Record
from alaas.runtimes import Runtime, registry
from alaas.testing.runtimes import ConcurrentRuntimeSuite, RuntimeSuite, double, records, stage


class TestSequential(RuntimeSuite):
    def make(self) -> Runtime:
        return registry.get("sequential")()


class TestLocal(ConcurrentRuntimeSuite):
    def make(self) -> Runtime:
        return registry.get("local")()

    def test_stages_run_at_the_same_time(self) -> None:
        meeting = threading.Barrier(2, timeout=5)
        met = []

        def first(batch: list[Record]) -> None:
            if batch[0].row == 1:
                meeting.wait()
                met.append("first")

        def second(batch: list[Record]) -> None:
            if batch[0].row == 0:
                meeting.wait()
                met.append("second")

        registry.get("local")().run(
            records(2), [stage(first, workers=1, batch=1), stage(second, workers=1, batch=1)], lambda _: None
        )
        assert sorted(met) == ["first", "second"]

    def test_a_stage_that_stands_still_holds_back_the_feed(self) -> None:
        gate = threading.Event()
        fed = []

        def feed() -> Iterator[Record]:
            for record in records(5000):
                fed.append(record.row)
                yield record

        thread = threading.Thread(
            target=registry.get("local")().run,
            args=(feed(), [stage(lambda _: gate.wait(), capacity=16)], lambda _: None),
        )
        thread.start()
        time.sleep(0.3)
        held = len(fed)
        gate.set()
        thread.join(20)
        assert held < 300
        assert len(fed) == 5000

    def test_a_busy_stage_has_a_full_queue(self) -> None:
        stats = registry.get("local")().run(
            records(40),
            [stage(double, name="quick"), stage(lambda _: time.sleep(0.02), name="slow", workers=1)],
            lambda _: None,
        )
        by_name = {s.name: s for s in stats}
        assert by_name["slow"].busy > 0.5 > by_name["quick"].busy
        assert 0 < by_name["slow"].queue <= by_name["slow"].capacity + 4


def test_a_missing_ray_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r'pip install "alaas\[ray\]"'):
        registry.get("ray")().run(records(3), [stage(double)], lambda _: None)
