"""Read one YAML file into plain data, and refuse what no settings file needs."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from alaas.errors import ConfigError

_MAX_BYTES = 1_000_000
_MAX_NODES = 100_000
"""Values after anchors are expanded: a few lines of nested anchors can stand for billions."""


class _StrictLoader(yaml.SafeLoader):
    """Like ``safe_load``, but a key that stands twice is an error: YAML would let the later one win."""

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _count(node, {}, set())
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, yaml.Mark] = {}
        for key, _ in node.value:
            if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                raise yaml.constructor.ConstructorError(
                    None, None, f"expected text as a key, got {_key(key)}; put it in quotes", key.start_mark
                )
            if key.value in seen:
                before = seen[key.value].line + 1
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice, first in line {before}", key.start_mark
                )
            seen[key.value] = key.start_mark
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, object]:
    """Read the mapping that a settings file holds; an empty file is an empty mapping.

    UTF-8 is expected; UTF-16 is understood when it begins with its byte order mark.

    Raises:
        ConfigError: the file is missing, unreadable, not YAML, or not a mapping; says where.
    """
    content = _content(path)
    try:
        document = yaml.load(content, _StrictLoader)  # noqa: S506  (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{path}{_place(error)}: {_problem(error)}") from error
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path} is not readable as YAML: {_line(error)}; save it as plain UTF-8 text"
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply to be a settings file") from error
    except ValueError as error:  # a scalar such as 2024-99-99, which looks like a date and is none
        raise ConfigError(f"{path} holds a value that cannot be read: {_line(error)}; quote it") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigError(
            f"{path} holds {_kind(document)}, expected settings such as 'strategy: margin'; "
            "`alaas init image` prints an example"
        )
    return document


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no settings file {path}; `alaas init image > {path}` writes one"
        ) from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a folder, expected a YAML file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot read the settings file {path}: {reason}") from error
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path} is larger than {_MAX_BYTES} bytes, too large for a settings file")
    return content


def _count(node: yaml.Node, sizes: dict[yaml.Node, int], above: set[yaml.Node]) -> int:
    """The number of values that ``node`` stands for once every anchor in it is expanded."""
    if node in sizes:
        return sizes[node]
    if node in above:
        raise yaml.constructor.ConstructorError(None, None, "an anchor contains itself", node.start_mark)
    size = 1
    if isinstance(node, yaml.CollectionNode):
        above.add(node)
        children = (
            node.value if isinstance(node, yaml.SequenceNode) else [n for pair in node.value for n in pair]
        )
        size += sum(_count(child, sizes, above) for child in children)
        above.discard(node)
    if size > _MAX_NODES:
        raise yaml.constructor.ConstructorError(
            None, None, f"its anchors stand for more than {_MAX_NODES} values", node.start_mark
        )
    sizes[node] = size
    return size


def _key(node: yaml.Node) -> str:
    return repr(node.value) if isinstance(node, yaml.ScalarNode) else "a list or a mapping"


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, yaml.constructor.ConstructorError):
        return _line(error.problem)
    return f"this is not YAML: {_line(error.problem)}"


def _line(problem: object) -> str:
    return " ".join(str(problem).split())


def _kind(document: object) -> str:
    return f"a list of {len(document)}" if isinstance(document, list) else f"only {str(document)[:60]!r}"
