"""Every runtime keeps the same promises; what only threads can do is tested below."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from alaas.errors import CancelledError, DecodeError
from alaas.pipeline import Record, Stage
from alaas.runtimes import Progress, Runtime, registry
from alaas.types import Item


def records(count: int) -> Iterator[Record]:
    for row in range(count):
        yield Record(row=row, item=Item(id=str(row), text=str(row)))


def stage(
    run, *, name: str = "work", workers: int = 2, batch: int = 4, linger: float = 0.0, capacity: int = 8
) -> Stage:
    return Stage(name=name, run=run, workers=workers, batch=batch, linger=linger, capacity=capacity)


def double(batch: list[Record]) -> None:
    for record in batch:
        record.content = record.item.text.encode() * 2


@pytest.fixture(params=["local", "sequential"])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    return registry.get(request.param)()


def test_every_record_reaches_the_sink_once(runtime: Runtime) -> None:
    out: list[Record] = []
    stats = runtime.run(records(1000), [stage(double), stage(lambda batch: None, name="next")], out.extend)
    assert sorted(record.row for record in out) == list(range(1000))
    assert all(record.content == record.item.text.encode() * 2 for record in out)
    assert [s.name for s in stats] == ["work", "next"]
    assert [s.items for s in stats] == [1000, 1000]


def test_a_finished_record_skips_the_stages_that_follow(runtime: Runtime) -> None:
    seen: list[int] = []

    def refuse_odd(batch: list[Record]) -> None:
        for record in batch:
            if record.row % 2:
                record.fail(DecodeError("odd"))

    out: list[Record] = []
    runtime.run(
        records(100), [stage(refuse_odd), stage(lambda batch: seen.extend(r.row for r in batch))], out.extend
    )
    assert sorted(seen) == list(range(0, 100, 2))
    assert sorted(r.row for r in out if r.failure) == list(range(1, 100, 2))
    assert len(out) == 100


def test_a_record_that_is_finished_before_the_line_goes_straight_through(runtime: Runtime) -> None:
    ready = Record(row=0, item=Item(id="0"), finished=True)
    out: list[Record] = []
    runtime.run([ready, *records(1)], [stage(double)], out.extend)
    assert len(out) == 2
    assert ready.content is None


def test_no_call_takes_more_than_a_batch(runtime: Runtime) -> None:
    sizes: list[int] = []
    runtime.run(records(101), [stage(lambda batch: sizes.append(len(batch)), batch=7)], lambda _: None)
    assert max(sizes) <= 7
    assert sum(sizes) == 101


def test_an_empty_feed_ends_at_once(runtime: Runtime) -> None:
    out: list[Record] = []
    runtime.run([], [stage(double)], out.extend)
    assert out == []


@pytest.mark.parametrize("where", ["feed", "stage", "sink"])
def test_what_is_raised_anywhere_stops_the_run(runtime: Runtime, where: str) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError(where)

    def bad_feed() -> Iterator[Record]:
        yield from records(10)
        explode()

    feed = bad_feed() if where == "feed" else records(5000)
    step = stage(explode if where == "stage" else double)
    with pytest.raises(ZeroDivisionError, match=where):
        runtime.run(feed, [step], explode if where == "sink" else lambda _: None)


def test_cancelling_before_the_start_computes_nothing_more(runtime: Runtime) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        runtime.run(records(10), [stage(double)], lambda _: None, cancel=cancel)


def test_progress_ends_with_everything_done(runtime: Runtime) -> None:
    told: list[Progress] = []
    runtime.run(records(50), [stage(double)], lambda _: None, total=50, on_progress=told.append)
    assert (told[-1].done, told[-1].total, told[-1].failed) == (50, 50, 0)
    assert told[-1].stages[0].items == 50


class TestLocal:
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

    def test_a_slow_stage_holds_back_the_feed(self) -> None:
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

    def test_cancel_returns_within_a_second_though_a_worker_is_stuck(self) -> None:
        cancel, never = threading.Event(), threading.Event()
        threading.Timer(0.1, cancel.set).start()
        began = time.perf_counter()
        with pytest.raises(CancelledError):
            registry.get("local")().run(
                records(100), [stage(lambda _: never.wait(20))], lambda _: None, cancel=cancel
            )
        assert time.perf_counter() - began < 1.1
        never.set()

    def test_the_busiest_stage_stands_out(self) -> None:
        stats = registry.get("local")().run(
            records(40),
            [stage(double, name="quick"), stage(lambda _: time.sleep(0.02), name="slow", workers=1)],
            lambda _: None,
        )
        by_name = {s.name: s for s in stats}
        assert by_name["slow"].busy > 0.5 > by_name["quick"].busy
        assert 0 < by_name["slow"].queue <= by_name["slow"].capacity + 4
