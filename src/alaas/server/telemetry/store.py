"""A store whose calls are timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from alaas.errors import StoreError
from alaas.server.telemetry.measures import Measures
from alaas.stores import Store

_PLAIN = frozenset({"from_url", "now", "close"})


def measured(store: Store, measures: Measures) -> Store:
    """The same store; each call of a method of the contract is timed, and counted if the store fails."""
    names = {name for name in vars(Store) if not name.startswith("_")} - _PLAIN
    calls = {name for name in names if callable(getattr(Store, name))}
    for name in sorted(calls):
        measures.store_seconds.labels(name)
    watched = _Measured.__new__(_Measured)
    vars(watched).update({"_store": store, **{name: _timed(store, name, measures) for name in calls}})
    return cast("Store", watched)


class _Measured:
    """Passes everything on; the timed methods lie over it."""

    _store: Store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def __enter__(self) -> _Measured:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()


Store.register(_Measured)


def _timed(store: Store, name: str, measures: Measures) -> Callable[..., Any]:
    call = getattr(store, name)
    seconds, failures = measures.store_seconds.labels(name), measures.store_failures.labels(name)

    @wraps(call)
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*arguments, **named)
        except StoreError:
            failures.inc()
            raise
        finally:
            seconds.observe(time.perf_counter() - began)

    return timed
