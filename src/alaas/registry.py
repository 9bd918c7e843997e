"""From a name in YAML to an implementation, imported only when it is asked for.

Built-ins are found by file name: ``strategies/k_center.py`` holds ``KCenter`` and is called ``k_center``.
Other packages add theirs through an entry point group, ``alaas.strategies`` for strategies. ``-`` and ``_``
mean the same in a name, and case does not matter.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Generic, TypeVar, cast

from alaas.errors import ConfigError, UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """The implementations of one kind.

    Args:
        kind: what people call one of them, for messages: ``"strategy"``.
        package: where the built-ins live: ``"alaas.strategies"``; also the entry point group.
        base: the class that every implementation extends.
    """

    def __init__(self, kind: str, package: str, base: type[T]) -> None:
        self.kind = kind
        self.package = package
        self.base = base

    @cached_property
    def _builtin(self) -> Mapping[str, str]:
        spec = importlib.util.find_spec(self.package)
        folders = list(spec.submodule_search_locations or []) if spec else []
        names = (module.name for module in pkgutil.iter_modules([str(Path(folder)) for folder in folders]))
        return {fold(name): name for name in names if not name.startswith("_")}

    @cached_property
    def _plugins(self) -> Mapping[str, EntryPoint]:
        return {fold(point.name): point for point in entry_points(group=self.package)}

    def names(self) -> list[str]:
        """Every known name, sorted; nothing is imported."""
        return sorted({*self._builtin.values(), *(point.name for point in self._plugins.values())})

    def builtin_names(self) -> list[str]:
        """The names of the built-ins, sorted; nothing is imported."""
        return sorted(self._builtin.values())

    def __contains__(self, name: str) -> bool:
        return fold(name) in self._builtin or fold(name) in self._plugins

    def get(self, name: str) -> type[T]:
        """Import and return the implementation called ``name``.

        Raises:
            UnknownNameError: there is none; the message names the nearest.
            ConfigError: a plug-in's entry point names something that is not of this kind.
        """
        key = fold(name)
        if key in self._builtin:
            module = importlib.import_module(f"{self.package}.{self._builtin[key]}")
            return cast("type[T]", getattr(module, camel(key)))
        if key not in self._plugins:
            raise UnknownNameError(self.kind, name, self.names())
        point = self._plugins[key]
        found = point.load()
        if not (isinstance(found, type) and issubclass(found, self.base)):
            raise ConfigError(
                f"the entry point {point.name!r} ({point.value}) in group {self.package!r} is not a "
                f"{self.base.__name__}; point it at a class that extends alaas' {self.base.__name__}"
            )
        return found


def fold(name: str) -> str:
    """The spelling under which a name is looked up: ``MiniLM-L6`` → ``minilm_l6``."""
    return name.strip().lower().replace("-", "_")


def camel(name: str) -> str:
    """The class name that a file name stands for: ``k_center`` → ``KCenter``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
