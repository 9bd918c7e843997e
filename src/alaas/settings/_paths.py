"""Relative paths in a file start from the file's folder, not from where the command runs."""

from __future__ import annotations

import os
from pathlib import Path

from alaas.fetching import scheme_of
from alaas.settings._layers import Layer, Tree, merge

_PATHS = (("source", "uri"), ("validation", "uri"), ("model", "tokenizer"), ("cache", "directory"))
_MODEL_FILES = (".onnx", ".pt2", ".pt", ".pth")
_SQLITE = "sqlite:///"


def beside(layer: Layer, folder: Path) -> Layer:
    """Move the relative paths of a file's layer to its ``folder``; addresses and names stay as they are."""
    values = merge([layer])
    for name, key in _PATHS:
        _replace(values, name, key, folder)
    _replace(values, "egress", "roots", folder, commas=True)
    _replace_store(values, folder)
    _replace_model(values, folder)
    return Layer(values=values, labels=layer.labels, label=layer.label)


def store_beside(path: Path) -> str:
    """The store of a file that names none: ``alaas.db`` beside it."""
    return f"{_SQLITE}{(path.parent / 'alaas.db').absolute()}"


def _replace_store(values: Tree, folder: Path) -> None:
    """``sqlite:///labels.db`` in a file means the one beside the file."""
    section = values.get("store")
    url = section.get("url") if isinstance(section, dict) else None
    if isinstance(section, dict) and isinstance(url, str) and url.startswith(_SQLITE):
        place = Path(url.removeprefix(_SQLITE)).expanduser()
        if str(place) != "." and not place.is_absolute():
            section["url"] = f"{_SQLITE}{(folder / place).absolute()}"


def _replace(values: Tree, name: str, key: str, folder: Path, *, commas: bool = False) -> None:
    section = values.get(name)
    if not isinstance(section, dict) or key not in section:
        return
    value = section[key]
    if commas and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    section[key] = (
        [_move(each, folder) for each in value] if isinstance(value, list) else _move(value, folder)
    )


def _replace_model(values: Tree, folder: Path) -> None:
    """A model that is a file, a factory in a file, or a folder after a prefix: ``torchhub:./mine:entry``."""
    section = values.get("model")
    name = section.get("name") if isinstance(section, dict) else None
    if not isinstance(section, dict) or not isinstance(name, str):
        return
    prefix, colon, rest = name.partition(":")
    if colon and rest.startswith(("./", "../", "~")):
        section["name"] = f"{prefix}:{_move(rest, folder)}"
    elif ".py:" in name or (name.lower().endswith(_MODEL_FILES) and not name.startswith("hf:")):
        section["name"] = _move(name, folder)


def _move(value: object, folder: Path) -> object:
    if not isinstance(value, str) or not value or scheme_of(value):
        return value
    # Not through Path: it would drop the slash at the end of a folder.
    spelt = os.path.expanduser(value)  # noqa: PTH111
    return spelt if str(folder) == "." else os.path.join(folder, spelt)  # noqa: PTH118
