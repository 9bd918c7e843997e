"""The contract suite of ``Jobs``: subclass ``JobsSuite`` in your tests and say how to make one."""

from __future__ import annotations

import json
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping

import pytest

from alaas.errors import (
    BudgetError,
    CancelledError,
    JobConflictError,
    JobNotFoundError,
    QueueFullError,
    StoreError,
    UnknownNameError,
)
from alaas.jobs import Handler, Job, JobProgress, JobRun, Jobs

_PATIENCE = 10.0


def echo(request: str, run: JobRun) -> str:
    """Return the request."""
    run.report(JobProgress(done=1, total=1))
    return request


def hold(_request: str, run: JobRun) -> str:
    """Work until told to stop, telling progress all the while."""
    done = 0
    while not run.cancel.wait(0.005):
        done += 1
        run.report(JobProgress(done=done, failed=0, total=None))
    raise CancelledError("stopped")


def refuse(_request: str, _run: JobRun) -> str:
    """Fail with an error of ALaaS."""
    raise BudgetError("budget must be at least 1, got 0")


def crash(_request: str, _run: JobRun) -> str:
    """Fail with a bug."""
    raise RuntimeError("a secret detail")


def leave(_request: str, _run: JobRun) -> str:
    """Fail with what would end a thread."""
    raise SystemExit(3)


def count(_request: str, run: JobRun) -> str:
    """Find the store away at the first two attempts."""
    if run.attempt < 3:
        raise StoreError("the store is away")
    return str(run.attempt)


HANDLERS: Mapping[str, Handler] = {
    "echo": echo,
    "hold": hold,
    "refuse": refuse,
    "crash": crash,
    "leave": leave,
    "count": count,
}


def wait_for(jobs: Jobs, job_id: str, *states: str, patience: float = _PATIENCE) -> Job:
    """Wait until the job is in one of ``states``, or finished when none is named, ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        job = jobs.get(job_id)
        if job.state in states or (not states and job.finished):
            return job
        time.sleep(0.002)
    raise AssertionError(f"job {job_id} is still {jobs.get(job_id).state}, expected {states or 'an end'}")


class JobsSuite:
    """What every implementation of ``Jobs`` promises."""

    @abstractmethod
    def make(self, handlers: Mapping[str, Handler], *, workers: int, max_waiting: int) -> Jobs:
        """Jobs with these handlers, nothing queued."""

    @pytest.fixture
    def jobs(self) -> Iterator[Jobs]:
        """Jobs with one worker and room for three that wait."""
        with self.make(HANDLERS, workers=1, max_waiting=3) as jobs:
            yield jobs

    def test_a_job_runs_and_gives_its_result(self, jobs: Jobs) -> None:
        """Queued → running → succeeded, with times in order."""
        request = json.dumps({"text": "µ"})
        submitted = jobs.submit("echo", request)
        assert submitted.kind == "echo"
        job = wait_for(jobs, submitted.id)
        assert job.state == "succeeded"
        assert job.created == submitted.created
        assert job.started is not None
        assert job.ended is not None
        assert job.created <= job.started <= job.ended
        assert job.progress.done == 1
        assert jobs.result(job.id) == request

    def test_an_unknown_kind_is_refused(self, jobs: Jobs) -> None:
        """The nearest kind is named and nothing is queued."""
        with pytest.raises(UnknownNameError, match="echo"):
            jobs.submit("ecko", "{}")
        assert jobs.recent() == []

    def test_an_unknown_job_is_not_found(self, jobs: Jobs) -> None:
        """Every verb says so."""
        for verb in (jobs.get, jobs.result, jobs.cancel, jobs.events):
            with pytest.raises(JobNotFoundError, match="no-such-job"):
                verb("no-such-job")

    def test_an_error_of_ours_keeps_its_code_and_sentence(self, jobs: Jobs) -> None:
        """The job fails; its result is a conflict that repeats the sentence."""
        job = wait_for(jobs, jobs.submit("refuse", "{}").id)
        assert job.state == "failed"
        assert job.failure is not None
        assert job.failure.code == "budget"
        assert job.failure.message == "budget must be at least 1, got 0"
        with pytest.raises(JobConflictError, match="budget must be at least 1"):
            jobs.result(job.id)

    @pytest.mark.parametrize("kind", ["crash", "leave"])
    def test_a_bug_is_internal_and_the_worker_goes_on(self, jobs: Jobs, kind: str) -> None:
        """Details of a bug stay in the log; the next job runs."""
        job = wait_for(jobs, jobs.submit(kind, "{}").id)
        assert job.state == "failed"
        assert job.failure is not None
        assert job.failure.code == "internal"
        assert "secret" not in job.failure.message
        assert wait_for(jobs, jobs.submit("echo", "1").id).state == "succeeded"
        assert jobs.trouble() is None

    def test_a_job_that_finds_the_store_away_is_put_off(self, jobs: Jobs) -> None:
        """It waits with the reason, is begun again, and its attempts count up."""
        job_id = jobs.submit("count", "{}").id
        wait_for(jobs, job_id)
        assert jobs.result(job_id) == "3"
        assert jobs.get(job_id).attempt == 3
        assert jobs.get(job_id).failure is None
        put_off = [event.job.failure for event in jobs.events(job_id) if event.job.state == "queued"]
        assert [None if failure is None else failure.code for failure in put_off] == [None, "store", "store"]

    def test_a_job_may_be_delayed(self, jobs: Jobs) -> None:
        """Others that come later go first."""
        late = jobs.submit("echo", "1", delay=0.3)
        early = wait_for(jobs, jobs.submit("echo", "2").id)
        assert jobs.get(late.id).state == "queued"
        started = wait_for(jobs, late.id).started
        assert started is not None
        assert early.ended is not None
        assert started > early.ended
        assert (started - late.created).total_seconds() >= 0.3

    def test_jobs_run_first_come_first_served(self, jobs: Jobs) -> None:
        """One worker starts them in the order of submission, and lists the newest first."""
        ids = [jobs.submit("echo", str(number)).id for number in range(3)]
        ended = [wait_for(jobs, job_id) for job_id in ids]
        starts = [job.started for job in ended if job.started is not None]
        assert starts == sorted(starts)
        assert [job.id for job in jobs.recent()] == ids[::-1]
        assert [job.id for job in jobs.recent(limit=1)] == ids[-1:]

    def test_a_running_job_stops_when_cancelled(self, jobs: Jobs) -> None:
        """Within a second; asking again does nothing; there is no result."""
        job_id = jobs.submit("hold", "{}").id
        wait_for(jobs, job_id, "running")
        began = time.monotonic()
        jobs.cancel(job_id)
        assert wait_for(jobs, job_id).state == "cancelled"
        assert time.monotonic() - began < 1.0
        assert jobs.cancel(job_id).state == "cancelled"
        with pytest.raises(JobConflictError, match="cancelled"):
            jobs.result(job_id)

    def test_a_waiting_job_is_cancelled_at_once_and_never_runs(self, jobs: Jobs) -> None:
        """It was queued behind another."""
        running = jobs.submit("hold", "{}").id
        wait_for(jobs, running, "running")
        waiting = jobs.submit("echo", "1").id
        assert jobs.cancel(waiting).state == "cancelled"
        jobs.cancel(running)
        wait_for(jobs, running)
        assert jobs.get(waiting).started is None

    def test_a_finished_job_cannot_be_cancelled(self, jobs: Jobs) -> None:
        """It is a conflict that says how the job stands."""
        job_id = jobs.submit("echo", "1").id
        wait_for(jobs, job_id)
        with pytest.raises(JobConflictError, match="succeeded"):
            jobs.cancel(job_id)

    def test_an_unfinished_job_has_no_result_yet(self, jobs: Jobs) -> None:
        """It is a conflict that says how the job stands."""
        job_id = jobs.submit("hold", "{}").id
        wait_for(jobs, job_id, "running")
        with pytest.raises(JobConflictError, match="running"):
            jobs.result(job_id)

    def test_the_queue_is_bounded(self, jobs: Jobs) -> None:
        """One runs, three wait, the fifth is refused; room is given back."""
        running = jobs.submit("hold", "{}").id
        wait_for(jobs, running, "running")
        waiting = [jobs.submit("echo", str(number)).id for number in range(3)]
        with pytest.raises(QueueFullError, match="3"):
            jobs.submit("echo", "3")
        jobs.cancel(waiting[0])
        assert jobs.submit("echo", "4").state == "queued"

    def test_the_same_key_and_request_give_the_same_job(self, jobs: Jobs) -> None:
        """While it waits, runs and after it has ended; a full queue does not matter."""
        first = jobs.submit("echo", "1", idempotency_key="k")
        assert jobs.submit("echo", "1", idempotency_key="k").id == first.id
        wait_for(jobs, first.id)
        assert jobs.submit("echo", "1", idempotency_key="k").id == first.id
        assert jobs.submit("echo", "1", idempotency_key="other").id != first.id
        assert jobs.submit("echo", "1").id != first.id

    def test_the_same_key_with_another_request_is_a_conflict(self, jobs: Jobs) -> None:
        """Whether the document or the kind differs."""
        jobs.submit("echo", "1", idempotency_key="k")
        with pytest.raises(JobConflictError, match="'k'"):
            jobs.submit("echo", "2", idempotency_key="k")
        with pytest.raises(JobConflictError, match="'k'"):
            jobs.submit("refuse", "1", idempotency_key="k")

    def test_events_hold_every_state_in_order(self, jobs: Jobs) -> None:
        """Ids count up; asking again from an id gives what came after it."""
        job_id = jobs.submit("echo", "1").id
        wait_for(jobs, job_id)
        events = jobs.events(job_id)
        states = [event.job.state for event in events if event.kind == "state"]
        assert states == ["queued", "running", "succeeded"]
        ids = [event.id for event in events]
        assert ids == sorted(set(ids))
        assert ids[0] == 1
        assert [event.id for event in jobs.events(job_id, after=ids[0])] == ids[1:]
        assert jobs.events(job_id, after=ids[-1]) == []

    def test_an_event_id_from_another_life_gives_everything(self, jobs: Jobs) -> None:
        """A client that comes back with an id that the job has not reached misses nothing."""
        job_id = jobs.submit("echo", "1").id
        wait_for(jobs, job_id)
        assert jobs.events(job_id, after=10**9) == jobs.events(job_id)

    def test_progress_is_coalesced(self, jobs: Jobs) -> None:
        """However often a handler reports, few events are kept, and the job shows the latest."""
        job_id = jobs.submit("hold", "{}").id
        deadline = time.monotonic() + _PATIENCE
        while jobs.get(job_id).progress.done < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert jobs.get(job_id).progress.done >= 50
        assert sum(event.kind == "progress" for event in jobs.events(job_id)) == 1

    def test_waiting_jobs_of_one_request_are_one_if_that_is_asked(self, jobs: Jobs) -> None:
        """In the same group only; one that runs does not count, for it may have begun too early."""
        running = jobs.submit("hold", "{}", group="g", unique=True)
        wait_for(jobs, running.id, "running")
        waiting = jobs.submit("hold", "{}", group="g", unique=True)
        assert waiting.id != running.id
        assert jobs.submit("hold", "{}", group="g", unique=True).id == waiting.id
        assert jobs.submit("hold", "{}", group="h", unique=True).id != waiting.id
        assert jobs.submit("hold", "{}", group="g").id != waiting.id
        assert [job.group for job in jobs.recent(group="h")] == ["h"]

    def test_of_a_group_one_job_runs_at_a_time(self) -> None:
        """The oldest first, whatever the number of workers; other groups are not held up."""
        with self.make(HANDLERS, workers=3, max_waiting=10) as jobs:
            first, second = (jobs.submit("hold", str(number), group="g").id for number in range(2))
            wait_for(jobs, first, "running")
            assert wait_for(jobs, jobs.submit("echo", "1", group="h").id).state == "succeeded"
            assert wait_for(jobs, jobs.submit("echo", "1").id).state == "succeeded"
            assert jobs.get(second).state == "queued"
            jobs.cancel(first)
            wait_for(jobs, second, "running")

    def test_close_hands_everything_back_and_takes_nothing_more(self, jobs: Jobs) -> None:
        """Quickly, and closing again does nothing."""
        running = jobs.submit("hold", "{}").id
        wait_for(jobs, running, "running")
        waiting = jobs.submit("echo", "1").id
        began = time.monotonic()
        jobs.close(timeout=0)
        jobs.close()
        jobs.close()
        assert time.monotonic() - began < 1.5
        assert jobs.get(running).state == "queued"
        assert jobs.get(waiting).state == "queued"
        with pytest.raises(QueueFullError, match="stopping"):
            jobs.submit("echo", "1")

    def test_close_hands_back_what_does_not_listen(self) -> None:
        """What such a handler says afterwards is not heard."""
        go_on, gone = threading.Event(), threading.Event()

        def stubborn(_request: str, _run: JobRun) -> str:
            go_on.wait(_PATIENCE)
            gone.set()
            return "too late"

        jobs = self.make({"stubborn": stubborn}, workers=1, max_waiting=3)
        job_id = jobs.submit("stubborn", "{}").id
        wait_for(jobs, job_id, "running")
        jobs.close(timeout=0.2)
        assert jobs.get(job_id).state == "queued"
        go_on.set()
        assert gone.wait(_PATIENCE)
        time.sleep(0.05)
        assert jobs.get(job_id).state == "queued"

    def test_many_threads_may_submit_at_once(self) -> None:
        """Every job has its own id and its own result."""
        with self.make(HANDLERS, workers=2, max_waiting=200) as jobs:
            submitted: dict[str, str] = {}

            def submit(base: int) -> None:
                for number in range(base, base + 20):
                    submitted[jobs.submit("echo", str(number)).id] = str(number)

            threads = [threading.Thread(target=submit, args=(20 * n,)) for n in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(submitted) == 100
            for job_id, request in submitted.items():
                assert wait_for(jobs, job_id).state == "succeeded"
                assert jobs.result(job_id) == request
