"""The parts that can be named in a configuration, and whether they can be used here."""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec

from alaas import engines, runtimes
from alaas.doctor._extras import install
from alaas.doctor._words import Finding, Group
from alaas.engines import Availability, Outcome, TrialRecord, kept_trials

_RUNTIME_PACKAGES = {"ray": "ray"}
"""Runtimes that need a package, which is also the extra's name."""


def engine_group() -> Group:
    """Every engine with its version, devices and precisions, and what `auto` has found out so far."""
    found = [_engine(name) for name in engines.registry.names()]
    return Group(title="engines", findings=(*found, *map(_trial, kept_trials())))


def runtime_group() -> Group:
    """Where the pipeline can run."""
    return Group(title="runtimes", findings=tuple(_runtime(name) for name in runtimes.registry.names()))


def store_group() -> Group:
    """Which databases can keep projects."""
    lite = Finding(name="sqlite", detail=sqlite3.sqlite_version)
    if find_spec("psycopg") is None:
        post = Finding(name="postgresql", state="absent", detail="no driver", mend=install("postgres"))
    else:
        post = Finding(name="postgresql", detail="driver installed")
    return Group(title="stores", findings=(lite, post))


def _engine(name: str) -> Finding:
    try:
        kind = engines.registry.get(name)
        if name == "auto":
            return Finding(name=name, detail="the fastest of those that run ONNX files, found by trial")
        availability = kind.available()
    except Exception as error:  # noqa: BLE001  (a plug-in that is broken is a finding)
        return Finding(name=name, state="broken", detail=f"{type(error).__name__}: {error}")
    if availability.missing is not None:
        return Finding(name=name, state="absent", detail=_described(availability), mend=availability.missing)
    return Finding(name=name, detail=_described(availability))


def _described(availability: Availability) -> str:
    precisions = [f"{p} (fast)" if p in availability.fast else p for p in availability.precisions]
    parts = (availability.version or "", ", ".join(availability.devices), ", ".join(precisions))
    return "; ".join(part for part in parts if part)


def _trial(record: TrialRecord) -> Finding:
    tried = [f"{found.engine} {found.precision} {_speed(found)}" for found in record.outcomes]
    model = "/".join(record.model.split("/")[-2:])
    found = f"{record.engine} {record.precision} for {model}, batch {record.batch}"
    return Finding(name="auto", detail=f"{found} ({', '.join(tried)}; {record.at[:10]})")


def _speed(outcome: Outcome) -> str:
    return "failed" if outcome.items_per_second is None else f"{outcome.items_per_second:,.0f}/s"


def _runtime(name: str) -> Finding:
    package = _RUNTIME_PACKAGES.get(name)
    if package is not None and find_spec(package) is None:
        return Finding(name=name, state="absent", detail="not installed", mend=install(package))
    try:
        said = (runtimes.registry.get(name).__doc__ or "").strip().partition("\n")[0]
    except Exception as error:  # noqa: BLE001  (a plug-in that is broken is a finding)
        return Finding(name=name, state="broken", detail=f"{type(error).__name__}: {error}")
    return Finding(name=name, detail=said.rstrip("."))
