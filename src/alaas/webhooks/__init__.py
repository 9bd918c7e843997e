"""Webhooks: telling others what happens in projects, signed, in order, and at least once.

A receiver in Python checks what it gets with ``verify``.
"""

from alaas.errors import SignatureError
from alaas.webhooks._courier import Patience
from alaas.webhooks._delivery import Outcome
from alaas.webhooks._events import (
    KINDS,
    BatchCreated,
    Event,
    JobFinished,
    LabelsTold,
    ProjectCreated,
    ProjectFinished,
    RoundFinished,
)
from alaas.webhooks._signature import verify
from alaas.webhooks._webhooks import KIND, Webhooks

__all__ = [
    "KIND",
    "KINDS",
    "BatchCreated",
    "Event",
    "JobFinished",
    "LabelsTold",
    "Outcome",
    "Patience",
    "ProjectCreated",
    "ProjectFinished",
    "RoundFinished",
    "SignatureError",
    "Webhooks",
    "verify",
]
