"""Taking out of an ONNX graph what is not needed, and giving other names to what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def prune(graph: Any) -> None:
    """Take out, in place, every operator, weight and input that no output depends on."""
    wanted = {value.name for value in graph.output}
    unused = []
    # The standard puts operators after what they use, so one walk backwards is enough.
    for place in range(len(graph.node) - 1, -1, -1):
        node = graph.node[place]
        if wanted.isdisjoint(node.output):
            unused.append(place)
        else:
            wanted.update(_used(node))
    for place in unused:
        del graph.node[place]
    weights = {weight.name for weight in graph.initializer}
    weights.update(weight.values.name for weight in graph.sparse_initializer)
    _keep(graph.initializer, lambda weight: weight.name in wanted)
    _keep(graph.sparse_initializer, lambda weight: weight.values.name in wanted)
    # Old exporters list the weights among the inputs, where they could be replaced from outside.
    _keep(graph.input, lambda value: value.name in wanted and value.name not in weights)
    _keep(graph.value_info, lambda value: value.name in wanted)
    _keep(graph.quantization_annotation, lambda note: note.tensor_name in wanted)


def rename(graph: Any, change: Callable[[str], str]) -> None:
    """Call every value ``change(name)``, in place, in graphs inside the graph too."""
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = change(value.name)
    for weight in graph.sparse_initializer:
        weight.values.name = change(weight.values.name)
    for note in graph.quantization_annotation:
        note.tensor_name = change(note.tensor_name)
        for entry in note.quant_parameter_tensor_names:
            entry.value = change(entry.value)
    for node in graph.node:
        node.input[:] = [change(name) for name in node.input]
        node.output[:] = [change(name) for name in node.output]
        for inner in _graphs(node):
            rename(inner, change)


def _used(node: Any) -> Iterator[str]:
    """What an operator takes, and what the graphs inside it take from around them."""
    yield from node.input
    for inner in _graphs(node):
        yield from (value.name for value in inner.output)
        for one in inner.node:
            yield from _used(one)


def _graphs(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _keep(entries: Any, wanted: Callable[[Any], bool]) -> None:
    for place in range(len(entries) - 1, -1, -1):
        if not wanted(entries[place]):
            del entries[place]
