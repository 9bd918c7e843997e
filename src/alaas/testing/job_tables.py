"""The contract suite of ``JobTable``: subclass ``JobTableSuite`` in your tests and say how to make one."""

from __future__ import annotations

import itertools
import json
import threading
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import pytest

from alaas.errors import JobConflictError, JobNotFoundError, QueueFullError
from alaas.stores import JobRow, JobTable, NewJob

START = 1_000_000.0
KINDS = ("work", "other")


class Clock:
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


class JobTableSuite:
    """What every implementation of ``JobTable`` promises."""

    @abstractmethod
    def make(self, clock: Callable[[], float]) -> JobTable:
        """An empty table that goes by this clock."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The table's clock."""
        return Clock()

    @pytest.fixture
    def table(self, clock: Clock) -> JobTable:
        """An empty table."""
        return self.make(clock)

    @pytest.fixture
    def add(self, table: JobTable) -> Callable[..., JobRow]:
        """Queue a job; its id counts up."""
        numbers = itertools.count(1)

        def add(request: str = "{}", *, kind: str = "work", most: int | None = None, **more: Any) -> JobRow:
            new = NewJob(id=f"job-{next(numbers)}", kind=kind, request=request, **more)
            return table.add(new, digest=f"{kind} {request}", most=most)[0]

        return add

    def test_a_new_job_waits(self, table: JobTable, clock: Clock) -> None:
        """It is there with its time, and a second look gives the same."""
        new = NewJob(id="a", kind="work", request='"µ\\u0000"', group="g")
        row, fresh = table.add(new, digest="d", most=None)
        assert fresh
        assert (row.id, row.kind, row.group, row.state) == ("a", "work", "g", "queued")
        assert (row.created, row.started, row.ended, row.attempt) == (clock.time, None, None, 0)
        assert table.get("a") == row
        assert table.waiting() == 1
        assert table.result("a") is None

    def test_an_unknown_job_is_not_found(self, table: JobTable) -> None:
        """Every verb that needs one says so; those of workers say that it is not theirs."""
        for verb in (table.get, table.result, table.ask_cancel):
            with pytest.raises(JobNotFoundError, match="nothing"):
                verb("nothing")
        assert table.beat("nothing", 1) is None
        assert table.finish("nothing", 1, "succeeded", result="1") is False
        assert table.reclaim("nothing", 1, 1, attempts=5) is None

    def test_the_oldest_job_of_the_wanted_kinds_is_claimed_with_its_request(
        self, table: JobTable, add: Callable[..., JobRow]
    ) -> None:
        """Only the claim gives the request; others find nothing left."""
        add("1", kind="other")
        add("2")
        add("3")
        assert table.claim("w", ("unheard-of",)) is None
        claimed = table.claim("w", ("work",))
        assert claimed is not None
        assert (claimed.id, claimed.request, claimed.state) == ("job-2", "2", "running")
        assert (claimed.worker, claimed.attempt, claimed.started) == ("w", 1, START)
        assert table.get("job-2").request == ""
        assert [row.id for row in table.running()] == ["job-2"]
        assert [_claim(table, kinds=KINDS).id for _ in range(2)] == ["job-1", "job-3"]
        assert table.claim("w", KINDS) is None

    def test_a_result_is_kept_and_ends_the_job(
        self, table: JobTable, add: Callable[..., JobRow], clock: Clock
    ) -> None:
        """With the last progress; the attempt has no job any more."""
        add("1")
        row = _claim(table)
        clock.time += 5
        progress = json.dumps({"done": 3})
        assert table.finish(row.id, row.attempt, "succeeded", result='{"x": "µ"}', progress=progress)
        ended = table.get(row.id)
        assert (ended.state, ended.ended, ended.progress) == ("succeeded", START + 5, progress)
        assert table.result(row.id) == '{"x": "µ"}'
        assert table.running() == []
        assert not table.finish(row.id, row.attempt, "failed", failure="{}")
        assert table.beat(row.id, row.attempt) is None
        assert table.ask_cancel(row.id).state == "succeeded"

    def test_a_beat_goes_up_and_brings_news_both_ways(
        self, table: JobTable, add: Callable[..., JobRow]
    ) -> None:
        """Progress to the table, and back whether the job is to stop."""
        add("1")
        row = _claim(table)
        first = table.beat(row.id, row.attempt)
        assert first is not None
        assert first.beat > row.beat
        table.ask_cancel(row.id)
        second = table.beat(row.id, row.attempt, progress=json.dumps({"done": 2}))
        assert second is not None
        assert second.beat > first.beat
        assert second.cancel
        assert json.loads(table.get(row.id).progress) == {"done": 2}
        assert table.beat(row.id, row.attempt + 1) is None

    def test_events_tell_every_state_and_the_latest_progress(
        self, table: JobTable, add: Callable[..., JobRow]
    ) -> None:
        """Their ids count up, also over progress that was dropped."""
        add("1")
        row = _claim(table)
        for done in range(3):
            table.beat(row.id, row.attempt, progress=json.dumps({"done": done}))
        table.finish(row.id, row.attempt, "failed", failure=json.dumps({"code": "x", "message": "y"}))
        events = json.loads(table.get(row.id).events)
        assert [event["state"] for event in events] == ["queued", "running", "running", "failed"]
        assert [event["kind"] for event in events] == ["state", "state", "progress", "state"]
        assert [event["id"] for event in events] == [1, 2, 5, 6]
        assert events[2]["progress"] == {"done": 2}
        assert events[3]["failure"] == {"code": "x", "message": "y"}

    def test_a_job_that_is_put_off_waits_for_its_delay(
        self, table: JobTable, add: Callable[..., JobRow], clock: Clock
    ) -> None:
        """It shows why, and forgets it when it is begun again with the next attempt."""
        add("1")
        row = _claim(table)
        failure = json.dumps({"code": "store", "message": "away"})
        assert table.finish(row.id, row.attempt, "queued", failure=failure, delay=10)
        waiting = table.get(row.id)
        assert (waiting.state, waiting.started, waiting.worker) == ("queued", None, None)
        assert waiting.failure == failure
        assert table.claim("w", KINDS) is None
        clock.time += 10
        again = _claim(table)
        assert (again.attempt, again.failure, again.request, again.lost) == (2, None, "1", 0)
        assert table.beat(row.id, row.attempt) is None
        assert not table.finish(row.id, row.attempt, "succeeded", result="stale")
        assert table.finish(row.id, again.attempt, "succeeded", result="fresh")
        assert table.result(row.id) == "fresh"

    def test_a_delayed_job_lets_others_pass(
        self, table: JobTable, add: Callable[..., JobRow], clock: Clock
    ) -> None:
        """Also those of its group."""
        add("late", group="g", delay=60.0)
        add("early", group="g")
        row = _claim(table)
        assert row.request == "early"
        table.finish(row.id, row.attempt, "succeeded", result="1")
        clock.time += 59
        assert table.claim("w", KINDS) is None
        clock.time += 1
        assert _claim(table).request == "late"

    def test_a_clock_that_was_set_back_keeps_nothing_waiting(
        self, table: JobTable, add: Callable[..., JobRow], clock: Clock
    ) -> None:
        """Neither a job without a delay nor one whose delay can no longer be measured; times stay in
        order.
        """
        add("1")
        add("2", delay=5.0)
        clock.time -= 3600
        for request in ("1", "2"):
            row = _claim(table)
            assert row.request == request
            table.finish(row.id, row.attempt, "succeeded", result="1")
            ended = table.get(row.id)
            assert ended.created <= (ended.started or 0) <= (ended.ended or 0)

    def test_of_a_group_one_job_runs_at_a_time(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """The oldest first; other groups and jobs without one are not held up."""
        add("g1", group="g")
        add("g2", group="g")
        add("h1", group="h")
        add("none")
        assert [_claim(table).request for _ in range(3)] == ["g1", "h1", "none"]
        assert table.claim("w", KINDS) is None
        table.finish("job-1", 1, "cancelled")
        assert _claim(table).request == "g2"

    def test_a_key_stands_for_one_request(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """Whatever its state, and whether or not there is room."""
        first = add("1", key="k")
        assert add("1", key="k", most=1).id == first.id
        with pytest.raises(JobConflictError, match="'k'"):
            add("2", key="k")
        row = _claim(table)
        table.finish(row.id, row.attempt, "succeeded", result="1")
        assert add("1", key="k").id == first.id
        assert add("1", key="other").id != first.id

    def test_a_unique_job_joins_one_that_waits(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """Of the same kind, request and group; one that runs has begun too early to stand for it."""
        first = add("1", group="g", unique=True)
        assert add("1", group="g", unique=True, most=1).id == first.id
        assert add("1", group="h", unique=True).id != first.id
        assert add("2", group="g", unique=True).id != first.id
        assert add("1", unique=True).id == add("1", unique=True).id
        _claim(table)
        later = add("1", group="g", unique=True)
        assert later.id != first.id
        assert add("1", group="g", unique=True).id == later.id

    def test_only_so_many_may_wait(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """Those that run do not count."""
        add("1", most=2)
        add("2", most=2)
        with pytest.raises(QueueFullError, match="2 jobs wait"):
            add("3", most=2)
        _claim(table)
        add("4", most=2)
        assert table.waiting() == 2

    def test_waiting_requests_are_bounded_in_bytes(self, table: JobTable) -> None:
        """One alone is always taken; characters beyond ASCII have more than one."""

        def add(name: str, request: str) -> None:
            table.add(
                NewJob(id=name, kind="work", request=request), digest=request, most=None, most_bytes=100
            )

        add("a", "µ" * 75)
        with pytest.raises(QueueFullError, match="150 bytes"):
            add("b", "x")
        row = _claim(table)
        table.finish(row.id, row.attempt, "queued")
        with pytest.raises(QueueFullError, match="150 bytes"):
            add("b", "x")
        table.ask_cancel("a")
        add("b", "x")

    def test_a_waiting_job_is_cancelled_at_once(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """Nobody begins it; asking again does nothing."""
        row = add("1")
        cancelled = table.ask_cancel(row.id)
        assert (cancelled.state, cancelled.ended) == ("cancelled", START)
        assert table.ask_cancel(row.id) == cancelled
        assert table.claim("w", KINDS) is None
        assert table.waiting() == 0

    def test_a_job_that_shall_stop_does_not_go_back_to_the_queue(
        self, table: JobTable, add: Callable[..., JobRow]
    ) -> None:
        """Whether its worker hands it back or is lost."""
        add("1")
        add("2")
        first, second = _claim(table), _claim(table)
        assert table.ask_cancel(first.id).state == "running"
        assert table.finish(first.id, first.attempt, "queued", failure="{}")
        assert (table.get(first.id).state, table.get(first.id).failure) == ("cancelled", None)
        table.ask_cancel(second.id)
        taken = table.reclaim(second.id, second.attempt, second.beat, attempts=5)
        assert taken is not None
        assert taken.state == "cancelled"

    def test_a_silent_worker_loses_its_job(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """Unless it has spoken since; once only; what it says later is refused."""
        add("1", group="g")
        row = _claim(table, "first")
        beaten = table.beat(row.id, row.attempt)
        assert beaten is not None
        assert table.reclaim(row.id, row.attempt, row.beat, attempts=5) is None
        back = table.reclaim(row.id, row.attempt, beaten.beat, attempts=5)
        assert back is not None
        assert (back.state, back.lost) == ("queued", 1)
        assert table.reclaim(row.id, row.attempt, beaten.beat, attempts=5) is None
        again = _claim(table, "second")
        assert (again.attempt, again.worker) == (2, "second")
        assert not table.finish(row.id, row.attempt, "succeeded", result="stale")
        assert table.result(row.id) is None

    def test_a_job_that_its_workers_die_of_fails(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """After so many were lost; handing it back in between does not count."""
        add("1")
        for _ in range(2):
            row = _claim(table)
            table.finish(row.id, row.attempt, "queued")
        for expected in ("queued", "queued", "failed"):
            row = _claim(table)
            back = table.reclaim(row.id, row.attempt, row.beat, attempts=3)
            assert back is not None
            assert back.state == expected
        failure = json.loads(table.get("job-1").failure or "{}")
        assert failure["code"] == "attempts"
        assert "3 workers" in failure["message"]

    def test_jobs_are_listed_newest_first(self, table: JobTable, add: Callable[..., JobRow]) -> None:
        """All, so many, or those of a group."""
        for number in range(4):
            add(str(number), group="even" if number % 2 == 0 else None)
        assert [row.id for row in table.recent()] == ["job-4", "job-3", "job-2", "job-1"]
        assert [row.id for row in table.recent(limit=2)] == ["job-4", "job-3"]
        assert [row.id for row in table.recent(group="even")] == ["job-3", "job-1"]

    def test_ended_jobs_are_forgotten_by_number_and_age(
        self, table: JobTable, add: Callable[..., JobRow], clock: Clock
    ) -> None:
        """Of each kind the newest are kept; what has not ended is never forgotten; keys are free again."""
        add("runs")
        _claim(table)
        for number in range(3):
            add(str(number), key=f"key-{number}")
            row = _claim(table)
            table.finish(row.id, row.attempt, "succeeded", result="1")
            clock.time += 10
        add("x", kind="other")
        table.ask_cancel("job-5")
        add("waits")
        assert table.forget(age=1000, keep=2) == 1
        with pytest.raises(JobNotFoundError):
            table.result("job-2")
        assert add("another", key="key-0").id == "job-7"
        assert table.forget(age=15, keep=2) == 1
        assert table.forget(age=1000, keep=0) == 2
        assert {row.state for row in table.recent()} == {"running", "queued"}

    def test_no_two_claims_give_the_same_job_or_two_of_one_group(self, table: JobTable) -> None:
        """Many threads at once; every job ends exactly once."""
        for number in range(60):
            group = f"group-{number % 4}" if number % 2 else None
            new = NewJob(id=str(number), kind="work", request=str(number), group=group)
            table.add(new, digest=str(number), most=None)
        begun: list[str] = []
        together: list[str] = []
        busy: set[str] = set()
        lock = threading.Lock()

        def work(worker: str) -> None:
            idle = 0
            while idle < 20:
                row = table.claim(worker, KINDS)
                if row is None:
                    idle += 1
                    threading.Event().wait(0.005)
                    continue
                idle = 0
                with lock:
                    begun.append(row.id)
                    together.extend([row.group] if row.group in busy else [])
                    busy.update([row.group] if row.group else [])
                with lock:
                    busy.discard(row.group or "")
                assert table.finish(row.id, row.attempt, "succeeded", result=row.request)

        threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(begun, key=int) == [str(number) for number in range(60)]
        assert together == []
        assert {row.state for row in table.recent()} == {"succeeded"}

    def test_equal_jobs_added_at_once_are_one(self, table: JobTable) -> None:
        """By their key or because they are unique, and the bound on those that wait is kept."""

        def together(add: Callable[[int], object]) -> None:
            threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        def add(number: int, **more: Any) -> None:
            new = NewJob(id=f"{number}-{len(more)}-{more}", kind="work", request="1", **more)
            table.add(new, digest="1", most=None)

        together(lambda number: add(number, key="k"))
        assert len(table.recent()) == 1
        together(lambda number: add(number, group="g", unique=True))
        assert len(table.recent()) == 2

        def add_bounded(number: int) -> None:
            try:
                table.add(NewJob(id=str(number), kind="work", request="2"), digest="2", most=5)
            except QueueFullError:
                return

        together(add_bounded)
        assert table.waiting() == 5


def _claim(table: JobTable, worker: str = "w", *, kinds: tuple[str, ...] = KINDS) -> JobRow:
    row = table.claim(worker, kinds)
    assert row is not None
    return row
