"""Labels that come in together are kept together.

A told label waits for the disk and for a dozen statements. So while some are being kept, those that come
wait on the event loop, which costs no thread, and are kept in one transaction afterwards.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from alaas.errors import AlaasError
from alaas.projects import Projects, Telling, Told
from alaas.server.following import Following

_MOST = 64
"""Tellings that are kept in one transaction."""

Outcome = tuple[Told, str | None]
_Waiting = deque[tuple[Telling, "asyncio.Future[Outcome]"]]


class Tellings:
    """Keeps what annotators tell, and lets learners follow. Called from one event loop.

    Args:
        projects: whose items they tell about.
        following: queues the retrainings.
    """

    def __init__(self, projects: Projects, following: Following) -> None:
        self._projects, self._following = projects, following
        self._waiting: dict[str, _Waiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def tell(self, project: str, telling: Telling) -> Outcome:
        """What became of the answers, and the retraining that follows them; returns when they are safe.

        Raises:
            ProjectNotFoundError, BatchNotFoundError: there is none of that name.
            StoreError: the store is away; nothing was kept, or it cannot be known whether.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        waiting = self._waiting.get(project)
        if waiting is not None:
            waiting.append((telling, future))
            return await future
        self._waiting[project] = deque([(telling, future)])
        task = loop.create_task(self._keep(project))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await future

    async def _keep(self, project: str) -> None:
        """Keep what waits, until nothing does."""
        waiting = self._waiting[project]
        while waiting:
            calls = [waiting.popleft() for _ in range(min(_MOST, len(waiting)))]
            outcomes: Sequence[Outcome | Exception]
            try:
                outcomes = await run_in_threadpool(self._tell, project, [telling for telling, _ in calls])
            except Exception as error:  # noqa: BLE001  (each of the callers raises it)
                outcomes = [error] * len(calls)
            for (_, future), outcome in zip(calls, outcomes, strict=True):
                if future.done():  # nobody waits for it any more
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
        del self._waiting[project]

    def _tell(self, project: str, tellings: Sequence[Telling]) -> list[Outcome | Exception]:
        opened = self._projects.open(project)
        told = opened.tell_all(tellings)
        kept = sum(one.kept for one in told if isinstance(one, Told))
        job = self._following.follow_told(opened, kept=kept)
        return [one if isinstance(one, AlaasError) else (one, job) for one in told]
