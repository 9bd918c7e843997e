"""How features are named: by what was encoded and by what encoded it."""

from __future__ import annotations

from blake3 import blake3

from alaas.features._base import Key


def content_digest(content: bytes) -> bytes:
    """32 bytes that stand for the content. blake3, since others choose the content."""
    return blake3(content).digest()


def feature_key(encoder_fingerprint: str, digest: bytes) -> Key:
    """The key of one item's features under one encoder."""
    return blake3(encoder_fingerprint.encode() + b"\0" + digest).digest()
