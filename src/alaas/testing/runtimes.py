"""The contract suite of a runtime: subclass ``RuntimeSuite`` in your tests and say how to make one.

Stages may run in other processes, so the suite judges by what comes back in the records.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alaas.errors import CancelledError, DecodeError, FetchError
from alaas.pipeline import Record, Stage
from alaas.runtimes import Progress, Runtime
from alaas.types import Item


def records(count: int) -> Iterator[Record]:
    """A feed of texts, each its own row."""
    for row in range(count):
        yield Record(row=row, item=Item(id=str(row), text=str(row)))


def stage(
    run: Callable[[list[Record]], None],
    *,
    name: str = "work",
    workers: int = 2,
    batch: int = 4,
    linger: float = 0.0,
    capacity: int = 8,
) -> Stage:
    """A stage with small numbers."""
    return Stage(name=name, run=run, workers=workers, batch=batch, linger=linger, capacity=capacity)


def double(batch: list[Record]) -> None:
    """Write each record's text twice."""
    for record in batch:
        record.content = (record.item.text or "").encode() * 2


def explode(*_: object) -> None:
    """Break, whatever is asked."""
    raise ZeroDivisionError("on purpose")


class RuntimeSuite:
    """What every runtime promises."""

    patience = 1.0
    """Seconds within which a cancelled run returns."""

    @abstractmethod
    def make(self) -> Runtime:
        """A runtime with room for stages of two workers."""

    @pytest.fixture
    def runtime(self) -> Runtime:
        """What ``make`` makes."""
        return self.make()

    def test_every_record_reaches_the_sink_once(self, runtime: Runtime) -> None:
        out: list[Record] = []

        def nothing(batch: list[Record]) -> None:
            del batch

        stats = runtime.run(records(1000), [stage(double), stage(nothing, name="next")], out.extend)
        assert sorted(record.row for record in out) == list(range(1000))
        assert all(record.content == (record.item.text or "").encode() * 2 for record in out)
        assert [s.name for s in stats] == ["work", "next"]
        assert [s.items for s in stats] == [1000, 1000]

    def test_a_finished_record_skips_the_stages_that_follow(self, runtime: Runtime) -> None:
        def refuse_odd(batch: list[Record]) -> None:
            for record in batch:
                if record.row % 2:
                    record.fail(DecodeError("odd"))

        out: list[Record] = []
        runtime.run(records(100), [stage(refuse_odd), stage(double)], out.extend)
        assert sorted(r.row for r in out if r.content is not None) == list(range(0, 100, 2))
        assert sorted(r.row for r in out if r.failure is not None) == list(range(1, 100, 2))
        assert len(out) == 100

    def test_a_record_that_is_finished_before_the_line_goes_straight_through(self, runtime: Runtime) -> None:
        ready = Record(row=0, item=Item(id="0"), finished=True)
        out: list[Record] = []
        runtime.run([ready, Record(row=1, item=Item(id="1", text="1"))], [stage(double)], out.extend)
        assert len(out) == 2
        assert ready.content is None
        assert any(record is ready for record in out)

    def test_no_call_takes_more_than_a_batch(self, runtime: Runtime) -> None:
        def weigh(batch: list[Record]) -> None:
            for record in batch:
                record.content = bytes([len(batch)])

        out: list[Record] = []
        runtime.run(records(101), [stage(weigh, batch=7)], out.extend)
        sizes = [record.content[0] for record in out if record.content]
        assert len(sizes) == 101
        assert max(sizes) <= 7

    def test_an_empty_feed_ends_at_once(self, runtime: Runtime) -> None:
        out: list[Record] = []
        runtime.run([], [stage(double)], out.extend)
        assert out == []

    @pytest.mark.parametrize("where", ["feed", "stage", "sink"])
    def test_what_is_raised_anywhere_stops_the_run(self, runtime: Runtime, where: str) -> None:
        def bad_feed() -> Iterator[Record]:
            yield from records(10)
            explode()

        feed = bad_feed() if where == "feed" else records(5000)
        step = stage(explode if where == "stage" else double)
        with pytest.raises(ZeroDivisionError, match="on purpose"):
            runtime.run(feed, [step], explode if where == "sink" else lambda _: None)

    def test_an_error_of_ours_arrives_with_what_it_holds(self, runtime: Runtime) -> None:
        def busy(batch: list[Record]) -> None:
            del batch
            raise FetchError("the store is busy", transient=True, retry_after=7.0)

        with pytest.raises(FetchError, match="the store is busy") as caught:
            runtime.run(records(10), [stage(busy)], lambda _: None)
        assert caught.value.transient
        assert caught.value.retry_after == 7.0

    def test_cancelling_before_the_start_computes_nothing_more(self, runtime: Runtime) -> None:
        cancel = threading.Event()
        cancel.set()
        with pytest.raises(CancelledError):
            runtime.run(records(10), [stage(double)], lambda _: None, cancel=cancel)

    def test_progress_ends_with_everything_done(self, runtime: Runtime) -> None:
        told: list[Progress] = []
        runtime.run(records(50), [stage(double)], lambda _: None, total=50, on_progress=told.append)
        assert (told[-1].done, told[-1].total, told[-1].failed) == (50, 50, 0)
        assert told[-1].stages[0].items == 50


class ConcurrentRuntimeSuite(RuntimeSuite):
    """What a runtime that runs its stages at the same time promises besides."""

    def test_cancel_returns_within_a_second_though_a_worker_is_stuck(
        self, runtime: Runtime, tmp_path: Path
    ) -> None:
        sign = tmp_path / "stuck"

        def stuck(batch: list[Record]) -> None:
            del batch
            sign.touch()
            time.sleep(20)

        cancel, when = threading.Event(), [0.0]

        def watch() -> None:
            while not sign.exists():
                time.sleep(0.01)
            when[0] = time.perf_counter()
            cancel.set()

        threading.Thread(target=watch, daemon=True).start()
        with pytest.raises(CancelledError):
            runtime.run(records(100), [stage(stuck)], lambda _: None, cancel=cancel)
        assert time.perf_counter() - when[0] < self.patience + 0.1

    def test_the_busiest_stage_stands_out(self, runtime: Runtime) -> None:
        def slow(batch: list[Record]) -> None:
            del batch
            time.sleep(0.02)

        stats = runtime.run(
            records(400),
            [stage(double, name="quick"), stage(slow, name="slow", workers=1)],
            lambda _: None,
        )
        by_name = {s.name: s for s in stats}
        assert by_name["slow"].busy > by_name["quick"].busy
        assert by_name["slow"].seconds > 20 * by_name["quick"].seconds

    def test_a_slow_stage_holds_back_the_feed(self, runtime: Runtime) -> None:
        fed: list[int] = []
        ahead: list[int] = []

        def feed() -> Iterator[Record]:
            for record in records(20_000):
                fed.append(record.row)
                yield record

        def slow(batch: list[Record]) -> None:
            time.sleep(0.01 * len(batch))

        cancel = threading.Event()

        def sink(leaving: list[Record]) -> None:
            del leaving
            ahead.append(len(fed))
            cancel.set()

        with pytest.raises(CancelledError):
            runtime.run(feed(), [stage(slow, capacity=16)], sink, cancel=cancel)
        assert ahead[0] < 5000
