"""Signatures by which a receiver knows that a delivery is genuine and recent.

As the Standard Webhooks specification has it (https://www.standardwebhooks.com): HMAC-SHA256 over
``id.timestamp.body``, in base64 behind ``v1,``; several may stand side by side, so that a secret can be
changed without a gap.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

from alaas.errors import ConfigError, SignatureError

TOLERANCE = 300.0
"""Seconds that a delivery's time may lie away from the receiver's clock."""

_PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The bytes that sign: what follows ``whsec_`` in base64, or else the text itself.

    Raises:
        ConfigError: what follows ``whsec_`` is not base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ConfigError(
            "a webhook's secret begins with whsec_ and goes on with what is not base64; write it as it was "
            "given, or choose a text that begins otherwise"
        ) from None


def sign(key: bytes, delivery: str, moment: int, body: bytes) -> str:
    """The value of the header ``webhook-signature``."""
    signed = f"{delivery}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> str:
    """Check a delivery that was received; for receivers.

    Args:
        secret: as in the configuration of the sender.
        headers: those of the request, in any case.
        body: the request's bytes as they came, before any parsing.
        tolerance: seconds that its time may be off, against deliveries that are sent again by a stranger.
        now: the receiver's clock, in seconds since 1970.

    Returns:
        The delivery's id. The same event always has the same id: one seen before may be dropped.

    Raises:
        SignatureError: a header is missing, the time is too far off, or no signature fits.
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        delivery, moment = found["webhook-id"], int(found["webhook-timestamp"])
        signatures = found["webhook-signature"].split(" ")
    except (KeyError, ValueError):
        raise SignatureError(
            "not a signed delivery: expected the headers webhook-id, webhook-timestamp (a whole number) and "
            "webhook-signature"
        ) from None
    if abs((time.time() if now is None else now) - moment) > tolerance:
        raise SignatureError(
            f"the delivery is of another time: {moment} is more than {tolerance:g} s away from this clock; "
            "set both clocks, or refuse it"
        )
    expected = sign(key_of(secret), delivery, moment, body).encode()
    # Every signature is compared, so that the time taken says nothing.
    fits = [hmac.compare_digest(signature.encode(), expected) for signature in signatures]
    if not any(fits):
        raise SignatureError("no signature fits the body: the secret differs, or the body was changed")
    return delivery
