"""Which stages run together in one actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alaas.config import RayGroupSettings
from alaas.errors import ConfigError
from alaas.pipeline import Stage


@dataclass(frozen=True, kw_only=True)
class Group:
    """Neighbouring stages, and what an actor that runs them takes."""

    stages: tuple[Stage, ...]
    settings: RayGroupSettings


def grouped(stages: Sequence[Stage], settings: Sequence[RayGroupSettings]) -> list[Group]:
    """Cut a line into groups; one of which this line has no stage is left out.

    A line does not always have all stages: a group may name stages that it lacks. Stages that no group names
    run in the last one.

    Raises:
        ConfigError: the names are not in the line's order.
    """
    left = list(stages)
    groups: list[Group] = []
    for place, group in enumerate(settings):
        last = place == len(settings) - 1
        named = [stage for stage in left if stage.name in group.stages]
        taken = list(left) if last or not group.stages else named
        if taken != left[: len(taken)]:
            order = ", ".join(stage.name for stage in stages)
            raise ConfigError(
                f"pipeline.ray.groups: {', '.join(group.stages)} do not follow one another; the stages are, "
                f"in order, {order}"
            )
        left = left[len(taken) :]
        if taken:
            groups.append(Group(stages=tuple(taken), settings=group))
    return groups
