"""Where values come from: overrides, the environment and a file; and how they merge."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from alaas.errors import ConfigError, nearest
from alaas.settings._names import SHORTHANDS, KeyPath, Setting, keys_of, settings

Tree = dict[str, object]

_OTHER_VARIABLES = frozenset({"ALAAS_CRASH", "ALAAS_DEBUG", "ALAAS_KEY", "ALAAS_MODELS_DIRECTORY"})
"""Read elsewhere, and no settings."""

_FOREIGN = re.compile(r"ALAAS_(BENCHMARK_\w+|SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""Benchmarks' own, and what Kubernetes puts into every pod beside a service that is called alaas."""

_TIED: Mapping[KeyPath, tuple[str, ...]] = {
    ("strategy", "name"): ("parameters",),
    ("model", "name"): ("preprocess", "outputs", "tokenizer", "revision"),
    ("model", "engine", "name"): ("options", "url", "model", "version", "inputs", "outputs", "token"),
    ("learner", "name"): ("parameters",),
}
"""Keys that belong to one name, and must not outlive it when a stronger layer gives another."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Values from one place. ``labels`` says for people where a path's value was written."""

    values: Tree
    labels: Mapping[KeyPath, str] = field(default_factory=dict)
    label: str = ""

    def __contains__(self, path: KeyPath) -> bool:
        return _holds(self.values, path)

    def name(self, path: KeyPath) -> str:
        """What to call the value at ``path`` in messages."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.labels:
                return self.labels[path[:length]]
        return f"{self.label}{'.'.join(path)}"


def from_environment(environ: Mapping[str, str]) -> Layer:
    """Read the variables ``ALAAS_…``; one that is empty counts as not set, except for a list.

    Raises:
        ConfigError: a variable stands for no setting; the nearest is named.
    """
    known = {setting.variable: setting for setting in settings().values()}
    values: Tree = {}
    labels: dict[KeyPath, str] = {}
    for variable in sorted(environ):
        if not variable.startswith("ALAAS_") or variable in _OTHER_VARIABLES or _FOREIGN.fullmatch(variable):
            continue
        setting = known.get(variable)
        if setting is None or (setting.section and setting.path not in SHORTHANDS):
            inner = [name for name in known if name.startswith(f"{variable}_")]
            meant = f"but {', '.join(inner)} do" if inner else _meant(variable, list(known))
            raise ConfigError(f"the environment variable {variable} stands for no setting; {meant}")
        text = environ[variable]
        if text or setting.is_list:
            path = SHORTHANDS.get(setting.path, setting.path)
            _put(values, path, _read(setting, text))
            labels[path] = f"the environment variable {variable}"
    return Layer(values=values, labels=labels)


def from_overrides(overrides: Mapping[str, object]) -> Layer:
    """Read what the caller gave: nested mappings, dotted keys, or both."""
    values: Tree = {}
    for key, value in overrides.items():
        path = tuple(key.split("."))
        if isinstance(value, Mapping):
            _merge_into(values, _long_form(_nest(path, value)), ())
        else:
            plain = os.fspath(value) if isinstance(value, os.PathLike) else value
            _put(values, path if plain is None else SHORTHANDS.get(path, path), plain)
    return Layer(values=values)


def from_file(written: Layer) -> Layer:
    """What a YAML file holds, with shorthands written out."""
    return Layer(values=_long_form(written.values), labels=written.labels, label=written.label)


def read_text(dotted: str, text: str) -> object:
    """The value that text stands for on a command line: text itself, or JSON where no text is expected."""
    path = tuple(dotted.split("."))
    setting = settings().get(SHORTHANDS.get(path, path))
    return _json(text) if setting is None else _read(setting, text)


def merge(layers: list[Layer]) -> Tree:
    """Put layers together, the weakest first."""
    merged: Tree = {}
    for layer in layers:
        _merge_into(merged, layer.values, ())
    return merged


def lookup(values: Mapping[str, object], path: KeyPath) -> object:
    """The value at ``path``; None where there is none."""
    found: object = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _read(setting: Setting, text: str) -> object:
    return text if setting.takes_text else _json(text)


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_constant=str)  # NaN and Infinity are no JSON, and no setting
    except ValueError:
        return text


def _long_form(values: Tree) -> Tree:
    # A section whose keys are all commented out is none.
    spelt = {key: value for key, value in values.items() if value is not None or not keys_of((key,))}
    for section, (*_, key) in SHORTHANDS.items():
        holder = _holder(spelt, section[:-1])
        value = holder.get(section[-1])
        if isinstance(value, str) or (key == "uri" and isinstance(value, list)):
            holder[section[-1]] = {key: value}
    return spelt


def _holder(tree: Tree, path: KeyPath) -> Tree:
    """The tree at ``path``, copied so that it may be changed; an empty one apart if there is none."""
    for key in path:
        inner = tree.get(key)
        if not isinstance(inner, Mapping):
            return {}
        tree[key] = tree = dict(inner)
    return tree


def _merge_into(below: Tree, above: Mapping[str, object], path: KeyPath) -> None:
    for key, value in above.items():
        if below.get(key, value) != value:
            for tied in _TIED.get((*path, key), ()):
                below.pop(tied, None)
    for key, value in above.items():
        under = below.get(key)
        if isinstance(value, Mapping) and isinstance(under, dict):
            _merge_into(under, value, (*path, key))
        else:
            below[key] = _copy(value)


def _copy(value: object) -> object:
    return {key: _copy(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def _put(values: Tree, path: KeyPath, value: object) -> None:
    _merge_into(values, _nest(path, value), ())


def _nest(path: KeyPath, value: object) -> Tree:
    for key in reversed(path[1:]):
        value = {key: value}
    return {path[0]: value}


def _holds(values: object, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def _meant(variable: str, known: list[str]) -> str:
    # All variables would fill the screen, so only the nearest is named.
    guess, listed, _ = nearest(variable, known).partition(" (known:")
    return guess if listed else "docs/configuration.md lists them"
