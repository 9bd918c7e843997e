"""What the actors of a group have done together."""

from __future__ import annotations

from collections.abc import Sequence

from alaas.pipeline import Stage
from alaas.types import StageStats


def summed(
    stages: Sequence[Stage], parts: Sequence[tuple[StageStats, ...]], *, actors: int, span: float
) -> tuple[StageStats, ...]:
    """One entry a stage.

    Args:
        stages: the group's.
        parts: of each actor, also of those that are gone; empty for one that has done nothing yet.
        actors: the most that there were at a time.
        span: seconds of the whole run.
    """
    return tuple(
        _sum(stage, [part[place] for part in parts if part], actors, span)
        for place, stage in enumerate(stages)
    )


def _sum(stage: Stage, parts: Sequence[StageStats], actors: int, span: float) -> StageStats:
    workers = max((part.workers for part in parts), default=stage.workers) * max(1, actors)
    seconds = sum(part.seconds for part in parts)
    return StageStats(
        name=stage.name,
        workers=workers,
        items=sum(part.items for part in parts),
        batches=sum(part.batches for part in parts),
        seconds=seconds,
        busy=min(1.0, seconds / (max(span, 1e-9) * workers)),
        queue=sum(part.queue for part in parts),
        capacity=max((part.capacity for part in parts), default=stage.capacity) * max(1, actors),
    )
