"""One attempt at a job: the handler runs, and what came of it is written down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from alaas.errors import AlaasError, CancelledError, StoreError
from alaas.jobs._base import Handler
from alaas.jobs._loop import FIRST_PAUSE, LONGEST_PAUSE
from alaas.jobs._rows import failure_document, progress_document
from alaas.jobs._runs import Run
from alaas.stores import JobRowState, JobTable

_log = logging.getLogger("alaas.jobs")

_LONGEST_DELAY = 60.0
"""Seconds that a job is put off at most when the store fails it."""

_REFUSALS = 5
"""So often an outcome is refused by a store that takes beats, until the outcome itself must be at fault."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attempt ended: in a final state, or back in the queue after ``delay`` seconds."""

    state: JobRowState
    result: str | None = None
    failure: str | None = None
    delay: float = 0.0


def attempt(run: Run, handlers: Mapping[str, Handler], stopping: threading.Event) -> Outcome:
    """Run the handler and judge how it ended; raises nothing."""
    if stopping.is_set():
        return Outcome(state="queued")
    try:
        return Outcome(state="succeeded", result=handlers[run.row.kind](run.row.request, run.handle))
    except CancelledError:
        # Nobody asked, and the process does not stop: then the handler gave up by itself.
        handed_back = not run.asked and stopping.is_set()
        return Outcome(state="queued" if handed_back else "cancelled")
    except StoreError as error:
        delay = min(0.25 * 2.0 ** min(run.row.attempt, 20), _LONGEST_DELAY)
        failure = failure_document(error.code, error.message)
        _log.warning("job %s (%s) is put off: %s", run.row.id, run.row.kind, error.message)
        return Outcome(state="queued", failure=failure, delay=delay)
    except AlaasError as error:
        return Outcome(state="failed", failure=failure_document(error.code, error.message))
    except BaseException as error:  # noqa: BLE001  (told to who asked; SystemExit must not end the worker)
        return _broken(run, error, stopping)


def settle(run: Run, outcome: Outcome, table: JobTable, abandon: threading.Event) -> None:
    """Write the outcome down, however long the store is away; ``abandon`` ends the trying.

    An outcome that nobody writes down is not lost work done twice in secret: the job is taken back by whoever
    sees that it is not alive any more.
    """
    pause, refusals = FIRST_PAUSE, 0
    while not _written(run, outcome, table):
        refusals += _takes_beats(run, table)
        if refusals >= _REFUSALS:
            message = "the store takes the job's beats but not its result; the server's log says why"
            outcome, refusals = Outcome(state="failed", failure=failure_document("store", message)), 0
        if abandon.wait(pause):
            return
        pause = min(2 * pause, LONGEST_PAUSE)


def _written(run: Run, outcome: Outcome, table: JobTable) -> bool:
    news = run.news
    try:
        held = table.finish(
            run.row.id,
            run.row.attempt,
            outcome.state,
            result=outcome.result,
            failure=outcome.failure,
            progress=None if news is None else progress_document(news),
            delay=outcome.delay,
        )
    except Exception as error:  # noqa: BLE001  (told, and tried again)
        trace = None if isinstance(error, StoreError) else error
        _log.error("job %s cannot be written down: %s; trying again", run.row.id, error, exc_info=trace)
        return False
    if not held and not run.lost:
        _log.warning("job %s was lost to another worker; its attempt %d is void", run.row.id, run.row.attempt)
    return True


def _takes_beats(run: Run, table: JobTable) -> bool:
    try:
        return table.beat(run.row.id, run.row.attempt) is not None
    except Exception:  # noqa: BLE001  (then the store is away, and nothing is known of the outcome)
        return False


def _broken(run: Run, error: BaseException, stopping: threading.Event) -> Outcome:
    """A bug, or what a handler meets when the process is taken down around it."""
    if stopping.is_set():
        return Outcome(state="queued")
    _log.error("job %s (%s) broke", run.row.id, run.row.kind, exc_info=error)
    message = f"the server broke on this job ({type(error).__name__}); its log says more"
    return Outcome(state="failed", failure=failure_document(AlaasError.code, message))
