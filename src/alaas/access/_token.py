"""The text of an API key: ``alaas_<id>_<secret>``.

The id finds the row and may be seen by anybody. The secret is 256 random bits, and only its SHA-256 is kept:
nobody can guess such a secret, so a slow hash as for passwords would cost every request and protect nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_ID_BYTES = 6
_SECRET_BYTES = 32
_FORM = re.compile(r"alaas_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SECRET = re.compile(r"(alaas_[A-Za-z0-9-]+_)[A-Za-z0-9_-]{16,}")
"""Also what is nearly a key: a typing mistake in one, or a part of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A key as its owner shows it; only ``text`` gives the secret away."""

    id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Token:
        """A key that nobody has seen yet."""
        return cls(id=secrets.token_hex(_ID_BYTES), secret=secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> Token | None:
        """The key that a text is; None if it is not one."""
        found = _FORM.fullmatch(text)
        return None if found is None else cls(id=found[1], secret=found[2])

    @property
    def text(self) -> str:
        """The whole key, to be shown to its owner once."""
        return f"alaas_{self.id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is kept of the secret, 32 bytes."""
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, digest: bytes) -> bool:
        """Whether this is the key of that digest; takes as long whichever byte differs."""
        return hmac.compare_digest(self.digest, digest)


def redact(text: str) -> str:
    """The text with the secrets of all keys in it left out, for logs."""
    return _SECRET.sub(r"\1…", text)
