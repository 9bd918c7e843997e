"""The stages on a Ray cluster: its own, one that runs already, or one that is started on this machine.

Why on actors of our own and not on Ray Data: ``docs/decisions/0023-actors-of-our-own.md``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from alaas.pipeline import Record, Stage
from alaas.runtimes._base import OnProgress, Runtime
from alaas.types import StageStats


class Ray(Runtime):
    """Blocks of records go to actors, which run the stages on threads as the local runtime does.

    An actor, a process or a machine that dies takes its blocks' unfinished work with it: another does that
    again. What was stored in the feature cache is not computed twice. ``settings.ray`` says where the cluster
    is and what an actor takes.

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: the cluster cannot be reached, or has no room.
        ConfigError: ``settings.ray.groups`` do not fit the stages.
    """

    def run(
        self,
        feed: Iterable[Record],
        stages: Sequence[Stage],
        sink: Callable[[list[Record]], None],
        *,
        total: int | None = None,
        cancel: threading.Event | None = None,
        on_progress: OnProgress | None = None,
    ) -> tuple[StageStats, ...]:
        """See ``Runtime.run``; ``sink`` and ``on_progress`` are called by the calling thread."""
        from alaas.runtimes.ray._connection import connect
        from alaas.runtimes.ray._groups import grouped
        from alaas.runtimes.ray._job import Job

        groups = grouped(stages, self.settings.ray.groups)
        job = Job(
            connect(self.settings.ray), groups, self.settings, sink, total=total, on_progress=on_progress
        )
        return job.run(feed, cancel or threading.Event())
