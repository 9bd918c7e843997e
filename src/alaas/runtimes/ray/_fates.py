"""What Ray's errors mean for a block that was in work."""

from __future__ import annotations


def is_death(error: BaseException) -> bool:
    """The actor is gone: its process, its machine, or for want of memory."""
    from ray import exceptions

    return isinstance(
        error,
        (
            exceptions.RayActorError,  # also when it cannot be reached for the moment
            exceptions.WorkerCrashedError,
            exceptions.NodeDiedError,
            exceptions.OutOfMemoryError,
        ),
    )


def is_loss(error: BaseException) -> bool:
    """What the group before had left is gone, with the machine that held it."""
    from ray import exceptions

    return isinstance(error, (exceptions.ObjectLostError, exceptions.ObjectFetchTimedOutError))


def meant(error: BaseException) -> BaseException | None:
    """What the actor's own code raised; None if the cluster itself failed."""
    from ray import exceptions

    if isinstance(error, exceptions.RayTaskError):
        cause: BaseException | None = error.cause
        return cause or error
    return None if isinstance(error, exceptions.RayError) else error
