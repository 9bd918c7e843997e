"""Path patterns: ``*``, ``?`` and ``[…]`` within one name, ``**`` for any number of folders."""

from __future__ import annotations

import fnmatch
import re


class PathPattern:
    """Matches relative paths with ``/``, and tells which folders cannot hold a match and need no look.

    A name that begins with a dot is matched only by a part of the pattern that does so too.
    """

    def __init__(self, pattern: str) -> None:
        self._parts = [
            None if part == "**" else (re.compile(fnmatch.translate(part)), part.startswith("."))
            for part in pattern.split("/")
            if part
        ]
        if self._parts and self._parts[-1] is None:
            self._parts.append((re.compile(fnmatch.translate("*")), False))
        self.hidden = any(part is not None and part[1] for part in self._parts)
        self.names_ending = "." in pattern.rpartition("/")[2]
        """Whether the last part says which ending is wanted."""

    def matches(self, path: str) -> bool:
        """Whether the file at ``path`` is meant."""
        return len(self._parts) in self._reached(path)

    def may_lie_in(self, folder: str) -> bool:
        """Whether anything under ``folder`` can match."""
        return any(place < len(self._parts) for place in self._reached(folder))

    def _reached(self, path: str) -> set[int]:
        """How many parts of the pattern the names of ``path`` can use up, in every way at once."""
        reached = self._over_folders({0})
        for name in path.split("/"):
            reached = self._over_folders({after for place in reached for after in self._step(place, name)})
        return reached

    def _step(self, place: int, name: str) -> tuple[int, ...]:
        if place == len(self._parts):
            return ()
        part = self._parts[place]
        if part is None:
            return () if name.startswith(".") else (place,)
        expression, hidden = part
        if name.startswith(".") and not hidden:
            return ()
        return (place + 1,) if expression.match(name) else ()

    def _over_folders(self, reached: set[int]) -> set[int]:
        """``**`` may stand for no folder at all."""
        grown = set(reached)
        for place in reached:
            following = place
            while following < len(self._parts) and self._parts[following] is None:
                following += 1
                grown.add(following)
        return grown
