"""Text that databases refuse: NUL characters and lone surrogates are spelt out, reversibly."""

from __future__ import annotations

import re

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_FOREIGN = re.compile("[\x00\x1b\ud800-\udfff]")
_SPELT = re.compile("\x1b([0-9a-f]{4})")


def spelt(text: str) -> str:
    """``text`` as every database takes it: UTF-8 without NUL. Different texts stay different."""
    return _FOREIGN.sub(lambda found: f"\x1b{ord(found[0]):04x}", text) if _FOREIGN.search(text) else text


def unspelt(text: str) -> str:
    """The text that ``spelt`` was given."""
    return _SPELT.sub(lambda found: chr(int(found[1], 16)), text) if "\x1b" in text else text


class Words(TypeDecorator[str]):
    """Any Python string, compared and sorted by code point."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """PostgreSQL would sort by the rules of some language."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Spell out."""
        return None if value is None else spelt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Read back."""
        return None if value is None else unspelt(value)
