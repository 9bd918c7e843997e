"""The folder of models that are ready to run, made once and checked against their sha256 before each use."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from platformdirs import user_cache_path

from alaas.encoders._packages import file_sha256
from alaas.errors import ModelError

_VARIABLE = "ALAAS_MODELS_DIRECTORY"


def models_directory() -> Path:
    """Where models are kept: ``ALAAS_MODELS_DIRECTORY``, or ``models`` in the user's cache directory."""
    named = os.environ.get(_VARIABLE)
    return Path(named).expanduser() if named else user_cache_path("alaas") / "models"


def is_stored(name: str, files: Sequence[str]) -> bool:
    """Whether ``files`` of model ``name`` are there; whether they are sound is seen when they are used."""
    folder = models_directory() / name
    return all((folder / file).is_file() and _record(folder / file).is_file() for file in files)


def stored(name: str, files: Sequence[str], make: Callable[[Path], None]) -> Path:
    """Return the folder of model ``name`` with sound ``files``.

    If they are not there, ``make`` writes them into an empty folder.

    Several processes may ask at once: one makes the files, the others wait. A file appears under its name
    only when it is whole and on disk, its ``.sha256`` after it; a file that does not match is made again.

    Raises:
        ModelError: the directory cannot be written, or what ``make`` raised.
    """
    folder = models_directory() / name
    if _all_sound(folder, files):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / ".lock"):
            if not _all_sound(folder, files):
                _make(folder, files, make)
    except OSError as error:
        raise ModelError(
            f"cannot keep the model {name} in {folder}: {error.strerror or error}; make room, or name "
            f"another folder in the environment variable {_VARIABLE}"
        ) from error
    return folder


def stored_sha256(file: Path) -> str:
    """The sha256 that was recorded for a stored file, in hexadecimal digits."""
    return _record(file).read_text(encoding="ascii").strip()


def _make(folder: Path, files: Sequence[str], make: Callable[[Path], None]) -> None:
    # In the same folder, so that a rename moves no bytes.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
        making = Path(name)
        make(making)
        for file in files:
            digest = file_sha256(making / file)
            _record(folder / file).unlink(missing_ok=True)
            _publish(making / file, folder / file)
            record = _record(making / file)
            record.write_text(f"{digest}\n", encoding="ascii")
            _publish(record, _record(folder / file))


def _publish(made: Path, target: Path) -> None:
    """Move a file to its name so that a power cut leaves either nothing or the whole of it."""
    with made.open("rb") as content:
        os.fsync(content.fileno())
    made.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _record(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _all_sound(folder: Path, files: Sequence[str]) -> bool:
    return all(_sound(folder / file) for file in files)


def _sound(file: Path) -> bool:
    try:
        stat = file.stat()
        return _digest(file, stat.st_size, stat.st_mtime_ns, stat.st_ino) == stored_sha256(file)
    except (OSError, UnicodeDecodeError):
        return False


@lru_cache(maxsize=64)
def _digest(file: Path, *_state: int) -> str:
    """Once a process for each state of a file: size, times and inode are the key."""
    return file_sha256(file)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that dies with the process, so that a killed one blocks nobody."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for left in path.parent.glob(".making-*"):  # of a process that was killed: nobody else holds the lock
            shutil.rmtree(left, ignore_errors=True)
        yield
