"""What holds locks, sockets or files, and is sent to another process all the same."""

from __future__ import annotations

from typing import Any, Self


class Reopened:
    """Travels as the call that made it, and is made anew by that call where it arrives.

    So a lock, a connection or a loaded model never has to travel; what it had learnt or remembered stays
    behind. A class that must take something along overrides ``__reduce__``.
    """

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        made._made_with = (args, kwargs)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Class and arguments, for pickle and copy."""
        args, kwargs = self._made_with
        return _make, (type(self), args, kwargs)


def _make(kind: type[Reopened], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reopened:
    return kind(*args, **kwargs)
