"""Between messages of ``alaas.proto`` and bodies of ``alaas.protocol``: the same names, so one rule for all.

What JSON can say and a message cannot has a message of its own: a label that is a text or a list
(``Label``), a cell of a row (``Cell``), a source that is an address or a list of them, any JSON (``Value``,
``Struct``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from pydantic import BaseModel

from alaas.server.body import refused

Body = TypeVar("Body", bound=BaseModel)
Filled = TypeVar("Filled", bound=Message)

_INTEGERS = 2**63
"""What an integer of a message holds, on both sides of zero."""

_EXACT = 2**53
"""Up to here a double holds every whole number."""


def body_of(model: type[Body], message: Message, *path: str) -> Body:
    """The body that a message stands for, checked as one that came as JSON.

    Args:
        model: what it is to be.
        message: what was sent.
        path: fields that name what the call is about, and are no part of the body.

    Raises:
        UsageError: it is not what ``model`` describes.
    """
    fields = {name: value for name, value in plain(message).items() if name not in path}
    with refused(model):
        return model.model_validate(fields)


def message_of(kind: type[Filled], body: BaseModel) -> Filled:
    """A body as a message."""
    message: Filled = kind()
    fill(message, body.model_dump(mode="json"))
    return message


def plain(message: Message) -> dict[str, Any]:
    """What is set in a message, in the words of JSON, but bytes as they are."""
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.message_type is None:
            found[field.name] = list(value) if field.is_repeated else value
        elif field.message_type.GetOptions().map_entry:
            nested = field.message_type.fields_by_name["value"].message_type is not None
            found[field.name] = {key: _read(one) if nested else one for key, one in value.items()}
        elif field.is_repeated:
            found[field.name] = [_read(one) for one in value]
        else:
            found[field.name] = _read(value)
    if message.DESCRIPTOR.full_name == "alaas.v1.SourceBody" and "uris" in found:
        found["uri"] = found.pop("uris")
    return found


def fill(message: Filled, values: Mapping[str, Any]) -> Filled:
    """Set what JSON holds. What the message does not have is left out: links, which only HTTP follows."""
    for name, value in values.items():
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None or value is None:
            continue
        place = getattr(message, name)
        if field.message_type is None:
            if field.is_repeated:
                place.extend(value)
            else:
                setattr(message, name, value)
        elif field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is None:
                place.update(value)
            else:
                for key, one in value.items():
                    _write(place[key], one)
        elif field.is_repeated:
            for one in value:
                _write(place.add(), one)
        else:
            _write(place, value)
    return message


def _read(message: Message) -> Any:
    special = _READERS.get(message.DESCRIPTOR.full_name)
    return plain(message) if special is None else special(message)


def _write(message: Message, value: Any) -> None:
    message.SetInParent()  # an empty one is there, too
    special = _WRITERS.get(message.DESCRIPTOR.full_name)
    if special is None:
        fill(message, value)
    else:
        special(message, value)


def _read_one(message: Any) -> Any:
    chosen = message.WhichOneof(message.DESCRIPTOR.oneofs[0].name)
    if chosen is None:
        return None
    value = getattr(message, chosen)
    return list(value.names) if chosen == "many" else value


def _read_json(message: Message) -> Any:
    return _whole(json_format.MessageToDict(message))


def _whole(value: Any) -> Any:
    """JSON has one kind of number, and protobuf hands it out as a double: what is whole becomes whole
    again.
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else value
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return value


def _write_json(message: Message, value: Any) -> None:
    json_format.ParseDict(value, message)


def _write_label(message: Any, value: str | list[str]) -> None:
    if isinstance(value, str):
        message.one = value
    else:
        message.many.SetInParent()
        message.many.names.extend(value)


def _write_cell(message: Any, value: str | float | bool | None) -> None:
    if isinstance(value, bool):
        message.truth = value
    elif isinstance(value, int) and -_INTEGERS <= value < _INTEGERS:
        message.integer = value
    elif isinstance(value, (int, float)):
        message.number = value
    elif value is not None:
        message.text = value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "alaas.v1.Label": _read_one,
    "alaas.v1.Cell": _read_one,
    "alaas.v1.Names": lambda message: list(message.names),
    "google.protobuf.Struct": _read_json,
    "google.protobuf.Value": _read_json,
}
_WRITERS: Mapping[str, Callable[[Any, Any], None]] = {
    "alaas.v1.Label": _write_label,
    "alaas.v1.Cell": _write_cell,
    "google.protobuf.Struct": _write_json,
    "google.protobuf.Value": _write_json,
    "google.protobuf.Timestamp": _write_json,
}
