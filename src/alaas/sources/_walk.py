"""Walking folders: lazily, in one order, through links but not in circles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from alaas.errors import AlaasError, SourceError


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """A folder that could not be listed, by its path relative to the start, and why."""

    path: str
    reason: str


def walk(
    start: str,
    *,
    enters: Callable[[str], object],
    descends: Callable[[str], bool],
    hidden: bool = False,
) -> Iterator[str | Unreadable]:
    """Yield the files under ``start`` as relative paths with ``/``, in code point order of names.

    One folder's names are held at a time. A folder that was seen already, by whatever link, is not entered
    again, so that links can neither trap the walk nor multiply the files.

    Args:
        enters: called with the path of each folder that a link leads to; raises if it may not be read.
        descends: whether a folder, by its relative path, is entered at all.
        hidden: whether names that begin with a dot are taken.

    Raises:
        SourceError: ``start`` itself cannot be listed.
    """
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[str, Iterator[os.DirEntry[str]]]] = []

    def push(prefix: str, path: str) -> str | None:
        try:
            status = os.stat(path)  # noqa: PTH116
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                stack.append((prefix, iter(_listing(path, hidden=hidden))))
        except OSError as error:
            return error.strerror or str(error)
        return None

    trouble = push("", start)
    if trouble is not None:
        raise SourceError(f"the folder {start} cannot be listed: {trouble}")
    while stack:
        prefix, entries = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        relative = prefix + entry.name
        if not _is_folder(entry):
            yield relative
        elif descends(relative):
            trouble = _judged(entry, enters) or push(relative + "/", entry.path)
            if trouble is not None:
                yield Unreadable(path=relative, reason=trouble)


def _listing(path: str, *, hidden: bool) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        taken = [entry for entry in entries if hidden or not entry.name.startswith(".")]
    taken.sort(key=lambda entry: entry.name)
    return taken


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: a file that fetching will refuse with the reason
        return False


def _judged(entry: os.DirEntry[str], enters: Callable[[str], object]) -> str | None:
    if not entry.is_symlink():
        return None
    try:
        enters(entry.path)
    except AlaasError as error:
        return error.message
    return None
