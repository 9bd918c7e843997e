"""Strategies as expressions: ``power(margin, beta=2) >> k_center``, from text and back.

    margin                          a name
    k_means(iterations=20)          with parameters
    power(margin, beta=2)           with a strategy as parameter
    margin >> k_center              prefilter: the best by one, among which the other chooses
    margin * k_center ** 0.5        product: good by both, the second counting half

The grammar is Python's own, of which only these forms are let in; nothing is ever evaluated.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from alaas.errors import ConfigError
from alaas.types import JSON

if TYPE_CHECKING:
    from alaas.strategies._base import Strategy

_PLAIN = re.compile(r"\s*[\w.-]+\s*")
_HYPHEN = re.compile(r"(?<=[A-Za-z0-9_])-(?=[A-Za-z])")
_CONSTANTS: Mapping[str, JSON] = {"true": True, "false": False, "null": None, "none": None}
_DEEPEST = 20

Make = Callable[[str, Mapping[str, Any]], "Strategy"]
"""From a name and parameters, some of which may be strategies, to a strategy."""


def is_expression(text: str) -> bool:
    """Whether a text is more than a name."""
    return _PLAIN.fullmatch(text) is None


def parse(text: str, make: Make) -> Strategy:
    """Make the strategy that an expression describes.

    Raises:
        ConfigError: it is not an expression of the forms above; the message shows which part.
        UnknownNameError: a name in it stands for no strategy.
    """
    try:
        tree = ast.parse(_HYPHEN.sub("_", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(_wrong(text, "it cannot be read")) from error
    return _Reader(text, make).strategy(tree, 0)


class _Reader:
    def __init__(self, text: str, make: Make) -> None:
        self.text = text
        self.make = make

    def strategy(self, node: ast.expr, depth: int) -> Strategy:
        if depth > _DEEPEST:
            raise ConfigError(_wrong(self.text, f"it is nested more than {_DEEPEST} deep"))
        if isinstance(node, ast.Name):
            return self.make(node.id, {})
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id, node, depth + 1)
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth + 1)
        raise ConfigError(_wrong(self.text, f"{ast.unparse(node)!r} is not a strategy"))

    def _operation(self, node: ast.BinOp, depth: int) -> Strategy:
        left = self.strategy(node.left, depth)
        if isinstance(node.op, ast.RShift):
            return left >> self.strategy(node.right, depth)
        if isinstance(node.op, ast.Mult):
            return left * self.strategy(node.right, depth)
        if isinstance(node.op, ast.Pow):
            weight = self._constant(node.right)
            if isinstance(weight, (int, float)) and not isinstance(weight, bool):
                return left**weight
            raise ConfigError(_wrong(self.text, f"the weight {ast.unparse(node.right)!r} is not a number"))
        raise ConfigError(_wrong(self.text, "the operators are >>, * and **"))

    def _call(self, name: str, node: ast.Call, depth: int) -> Strategy:
        parameters: dict[str, Any] = {}
        lists = [arg.elts if isinstance(arg, (ast.List, ast.Tuple)) else [arg] for arg in node.args]
        positional = [self.strategy(part, depth) for parts in lists for part in parts]
        for keyword in node.keywords:
            if keyword.arg is None:
                raise ConfigError(_wrong(self.text, "** has no meaning in a call"))
            parameters[keyword.arg] = self._value(keyword.value, depth)
        return self.make(name, {**_placed(self.make(name, {}), positional, self.text), **parameters})

    def _value(self, node: ast.expr, depth: int) -> Any:
        if isinstance(node, (ast.List, ast.Tuple)):
            return tuple(self._value(element, depth) for element in node.elts)
        is_word = isinstance(node, ast.Name) and node.id.lower() not in _CONSTANTS
        if is_word or isinstance(node, ast.BinOp | ast.Call):
            return self.strategy(node, depth)
        return self._constant(node)

    def _constant(self, node: ast.expr) -> JSON:
        if isinstance(node, ast.Name) and node.id.lower() in _CONSTANTS:
            return _CONSTANTS[node.id.lower()]
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            raise ConfigError(_wrong(self.text, f"{ast.unparse(node)!r} is not a value")) from error
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        raise ConfigError(_wrong(self.text, f"{ast.unparse(node)!r} is not a number, text, true or false"))


def _placed(default: Strategy, positional: list[Strategy], text: str) -> dict[str, Any]:
    """Positional strategies go to the parameters that are strategies, in order."""
    places = [field.name for field in parameters_of(default) if holds_strategies(field) == "one"]
    many = [field.name for field in parameters_of(default) if holds_strategies(field) == "many"]
    if not positional:
        return {}
    if many and not places:
        return {many[0]: tuple(positional)}
    if len(positional) > len(places):
        raise ConfigError(
            _wrong(text, f"{default.name} takes {len(places) or 'no'} strategies, got {len(positional)}")
        )
    return dict(zip(places, positional, strict=False))


def _wrong(text: str, why: str) -> str:
    return (
        f"strategy {text!r} is not understood: {why}; write a name, name(parameter=value), power(margin), "
        f"margin >> k_center or margin * k_center"
    )


def parameters_of(strategy: Strategy | type[Strategy]) -> tuple[dataclasses.Field[Any], ...]:
    """The parameters of a strategy: its fields."""
    return dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()


def holds_strategies(field: dataclasses.Field[Any]) -> str | None:
    """``one`` or ``many`` where a parameter is a strategy or several, which its default shows."""
    from alaas.strategies._base import Strategy

    default = field.default
    if isinstance(default, Strategy):
        return "one"
    several = isinstance(default, tuple) and default and all(isinstance(part, Strategy) for part in default)
    return "many" if several else None


def expression(strategy: Strategy) -> str:
    """Write a strategy as an expression, leaving out parameters that are plain values at their defaults."""
    written = strategy.infix()
    if written is not None:
        return written
    given: list[str] = []
    for field in parameters_of(strategy):
        value, kind = getattr(strategy, field.name), holds_strategies(field)
        if kind == "one":
            given.append(expression(value))
        elif kind == "many":
            given += [expression(part) for part in value]
        elif value != field.default:
            given.append(f"{field.name}={_text(value)}")
    return f"{strategy.name}({', '.join(given)})" if given else strategy.name


def _text(value: object) -> str:
    from alaas.strategies._base import Strategy

    if isinstance(value, tuple):
        return "[" + ", ".join(_text(part) for part in value) + "]"
    return expression(value) if isinstance(value, Strategy) else repr(value)
