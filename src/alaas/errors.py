"""Every error that ALaaS raises on purpose, in one tree.

    AlaasError
    ├── UsageError                 what the caller asked for cannot be done; asking again will not help
    │   ├── ConfigError            a setting is unknown, malformed or contradicts another
    │   ├── UnknownNameError       no strategy, model, engine … of that name (also a KeyError)
    │   ├── BudgetError            a budget that is not a whole number of at least 1
    │   ├── SignalError            a strategy's arrays are missing, misshapen or not finite
    │   ├── SourceError            a source is missing, empty or unreadable as a whole
    │   ├── LabelError             a label that the task does not have
    │   ├── LimitError             more items, bytes or pixels than the configuration allows
    │   │   ├── QueueFullError     as many jobs wait as may wait; later there may be room
    │   │   └── RateError          requests come faster than the server takes them
    │   └── EgressError            an address or path that the configuration does not open
    ├── ItemError                  one item is bad: it is skipped, counted and reported
    │   ├── FetchError             its bytes could not be had
    │   └── DecodeError            its bytes are not what they claim to be
    ├── ModelError                 a model could not be obtained, converted, loaded or run
    │   └── ModelUnavailableError  the server that runs it is away, overloaded, or does not let us in
    ├── ScratchError               the temporary folder cannot hold what a query computes
    ├── MissingExtraError          an optional package is not installed (also an ImportError)
    ├── StrategyError              a strategy broke its contract
    ├── LearnerError               a learner broke its contract, or a stored model cannot be read
    ├── NoUsableItemsError         every item of the pool was bad
    ├── NotFoundError              nothing of that name or id
    │   ├── JobNotFoundError
    │   ├── ProjectNotFoundError
    │   ├── ItemNotFoundError
    │   ├── BatchNotFoundError
    │   ├── RoundNotFoundError
    │   └── KeyNotFoundError
    ├── ConflictError              the state of things does not allow what was asked
    │   ├── JobConflictError       a job has ended, or its idempotency key stands for something else
    │   ├── ProjectConflictError   a project of that name is there, and is another one
    │   ├── VersionError           it has changed since it was read
    │   ├── TakenError             an item is not free any more
    │   ├── BudgetSpentError       the project's budget leaves no room
    │   └── NothingLeftError       the pool has nothing that this annotator could be given
    ├── AccessError                the caller may not do that
    │   ├── KeyRequiredError       a key is missing, unknown or revoked
    │   └── SignatureError         a webhook's delivery is not signed as it should be (raised for receivers)
    ├── StoreError                 the store cannot be reached, read or written; later it may be
    ├── ClusterError               a cluster cannot be reached, or has no room for what was asked
    ├── WorkersLostError           every worker that began the job has died
    ├── CancelledError             the caller asked to stop
    └── ServerError                a server answered with an error, or not at all (raised by clients)

Each class has a stable ``code`` that goes over the wire; the server maps codes to HTTP statuses in one
table. A message says what was got, what was expected and how to mend it, in one sentence or two.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar


class AlaasError(Exception):
    """The root: catch this to catch everything ALaaS raises on purpose."""

    code: ClassVar[str] = "internal"

    def __reduce__(self) -> tuple[Any, ...]:
        """By the message and the attributes: a class's own arguments need not be known to send one."""
        return _arrived, (type(self), self.args, dict(self.__dict__))

    @property
    def message(self) -> str:
        """The sentence for people, without the class name."""
        return str(self.args[0]) if self.args else self.code


class UsageError(AlaasError, ValueError):
    """What was asked for cannot be done; the message says how to ask instead."""

    code = "usage"


class ConfigError(UsageError):
    """A setting is unknown, malformed or contradicts another."""

    code = "config"


class UnknownNameError(UsageError, KeyError):
    """No implementation of that name exists."""

    code = "unknown-name"

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        super().__init__(f"unknown {kind} {name!r}; {nearest(name, choices)}")
        self.kind, self.name, self.known = kind, name, choices

    __str__ = Exception.__str__  # KeyError would print the repr


class BudgetError(UsageError):
    """A budget that is not a whole number of at least 1."""

    code = "budget"


class SignalError(UsageError):
    """A strategy's arrays are missing, misshapen or not finite."""

    code = "signals"


class SourceError(UsageError):
    """A source is missing, empty or unreadable as a whole."""

    code = "source"


class LabelError(UsageError):
    """A label that the task does not have, or an answer of the wrong shape."""

    code = "label"


class LimitError(UsageError):
    """More items, bytes or pixels than the configuration allows."""

    code = "limit"


class QueueFullError(LimitError):
    """As many jobs wait as may wait; asking again later may help."""

    code = "queue-full"


class RateError(LimitError):
    """Requests come faster than the server takes them; ``retry_after`` seconds later it takes one."""

    code = "rate"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EgressError(UsageError):
    """An address or a path that the configuration does not open."""

    code = "egress"


class ItemError(AlaasError):
    """One item is bad. It is skipped, counted and reported; the job goes on."""

    code = "item"


class FetchError(ItemError):
    """An item's bytes could not be had; ``transient`` says whether trying again may help.

    ``retry_after`` holds the seconds after which the server asked to be tried again, if it did.
    """

    code = "fetch"

    def __init__(self, message: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after = retry_after


class DecodeError(ItemError):
    """An item's bytes are not what they claim to be."""

    code = "decode"


class ModelError(AlaasError):
    """A model could not be obtained, converted, loaded or run."""

    code = "model"


class ModelUnavailableError(ModelError):
    """The server that runs a model cannot be reached, has too much to do, or refuses this caller.

    No item is to blame, so a run that meets it stops instead of counting its items as bad.
    """

    code = "model-unavailable"


class ScratchError(AlaasError):
    """The temporary folder cannot hold the arrays of a query."""

    code = "scratch"


class MissingExtraError(AlaasError, ImportError):
    """An optional package is not installed; the message holds the exact pip command."""

    code = "missing-extra"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an optional package: run pip install "alaas[{extra}]"')


class StrategyError(AlaasError):
    """A strategy broke its contract: never answered with a made-up selection."""

    code = "strategy"


class NoUsableItemsError(AlaasError):
    """Every item of the pool was bad, so there is nothing to choose from."""

    code = "no-usable-items"


class LearnerError(AlaasError):
    """A learner broke its contract, or a stored model cannot be read."""

    code = "learner"


class NotFoundError(AlaasError):
    """Nothing of that name or id."""

    code = "not-found"


class JobNotFoundError(NotFoundError):
    """No job of that id."""

    code = "job-not-found"


class ProjectNotFoundError(NotFoundError):
    """No project of that name."""

    code = "project-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no project {name!r}")


class ItemNotFoundError(NotFoundError):
    """The project has no item of that id."""

    code = "item-not-found"


class BatchNotFoundError(NotFoundError):
    """The project has no batch of that id."""

    code = "batch-not-found"


class RoundNotFoundError(NotFoundError):
    """The project has no such round, or it has no model."""

    code = "round-not-found"


class KeyNotFoundError(NotFoundError):
    """No API key of that name."""

    code = "key-not-found"


class ConflictError(AlaasError):
    """The state of things does not allow what was asked."""

    code = "conflict"


class JobConflictError(ConflictError):
    """The job's state does not allow what was asked."""

    code = "job-conflict"


class ProjectConflictError(ConflictError):
    """A project of that name is there, and is another one."""

    code = "project-conflict"


class VersionError(ConflictError):
    """It has changed since it was read; read it again and repeat the change."""

    code = "version"


class TakenError(ConflictError):
    """An item is not free any more."""

    code = "taken"


class BudgetSpentError(ConflictError):
    """The project's budget leaves no room."""

    code = "budget-spent"


class NothingLeftError(ConflictError):
    """The pool has nothing that this annotator could be given."""

    code = "nothing-left"


class AccessError(AlaasError):
    """The caller's key does not allow what was asked."""

    code = "access"


class KeyRequiredError(AccessError):
    """A key is missing, unknown or revoked."""

    code = "key-required"


class SignatureError(AccessError):
    """A delivery of a webhook is not signed with the secret, or is of another time."""

    code = "signature"


class StoreError(AlaasError):
    """The store cannot be reached, read or written; asking again later may help."""

    code = "store"


class WorkersLostError(AlaasError):
    """Every worker that began the job has died or fallen silent, so it is not begun again."""

    code = "attempts"


class ClusterError(AlaasError):
    """A cluster cannot be reached, or has no room for what was asked; later it may."""

    code = "cluster"


class CancelledError(AlaasError):
    """The caller asked to stop."""

    code = "cancelled"


class ServerError(AlaasError):
    """A server answered with an error, or not at all. ``status`` is 0 when there was no answer."""

    code = "server"

    def __init__(self, message: str, *, status: int = 0, code: str = "server") -> None:
        super().__init__(message)
        self.status = status
        self.remote_code = code


def _arrived(kind: type[AlaasError], args: tuple[Any, ...], state: dict[str, Any]) -> AlaasError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list them all."""
    choices = sorted(known)
    folded = {choice.lower().replace("-", "_"): choice for choice in choices}
    close = difflib.get_close_matches(name.lower().replace("-", "_"), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean {folded[close[0]]!r}? (known: {', '.join(choices)})"
    return f"known: {', '.join(choices) or 'none'}"
