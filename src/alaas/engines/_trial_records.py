"""What trials found, kept so that the next process need not try again: one small JSON file each."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_cache_path

from alaas.engines._trial import Outcome

_REVISION = 1
"""Goes up when trials measure otherwise, so that what was found before does not count."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRecord:
    """One trial: for which model and batch, on what, when (UTC, ISO 8601), what was found and chosen."""

    model: str
    batch: int
    threads: int
    processor: str
    at: str
    engine: str
    precision: str
    outcomes: tuple[Outcome, ...]


def trials_directory() -> Path:
    """Where they are kept: ``trials`` in the user's cache directory."""
    return user_cache_path("alaas") / "trials"


def kept(key: str) -> TrialRecord | None:
    """What was found under the key; None if nothing was, or it cannot be read."""
    return _read(_file(key))


def keep(key: str, record: TrialRecord) -> None:
    """Keep it; where that is not possible, the next process tries again."""
    path = _file(key)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: whoever reads meanwhile sees the old file or the new one.
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".making-", suffix=".json", delete=False, encoding="utf-8"
        ) as file:
            json.dump({"revision": _REVISION, **asdict(record)}, file, indent=1)
        Path(file.name).replace(path)


def kept_trials() -> list[TrialRecord]:
    """Everything that is kept, the latest last."""
    found = [_read(path) for path in trials_directory().glob("[!.]*.json")]
    return sorted((record for record in found if record is not None), key=lambda record: record.at)


def forget_trials() -> int:
    """Forget everything, so that engines are tried anew; returns how many trials that were."""
    forgotten = 0
    for path in trials_directory().glob("*.json"):
        with contextlib.suppress(OSError):
            path.unlink()
            forgotten += 1
    return forgotten


@contextmanager
def alone(key: str) -> Iterator[None]:
    """Let one process try at a time: two would disturb each other's measures, and might choose apart.

    The lock dies with the process. Where there is nowhere to put it, nobody waits.
    """
    path = _file(key).with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield
        return
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _file(key: str) -> Path:
    return trials_directory() / f"{key}.json"


def _read(path: Path) -> TrialRecord | None:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain.pop("revision") != _REVISION:
            return None
        outcomes = tuple(Outcome(**outcome) for outcome in plain.pop("outcomes"))
        return TrialRecord(**plain, outcomes=outcomes)
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None
