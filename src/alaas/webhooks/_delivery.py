"""One try to tell one receiver of one event."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

from alaas.egress import Egress
from alaas.errors import AlaasError
from alaas.version import __version__
from alaas.webhooks._events import Event, document
from alaas.webhooks._receivers import Receiver
from alaas.webhooks._signature import sign

Outcome: TypeAlias = Literal["delivered", "failed", "gone", "expired"]
"""What became of one try: ``failed`` is tried again, ``gone`` ends all deliveries to that receiver, and
``expired`` is an event that was given up."""

_GONE = 410


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of it; ``reason`` says so for people, ``wait`` the seconds that the receiver asked for."""

    outcome: Outcome
    reason: str
    wait: float = 0.0


def post(egress: Egress, receiver: Receiver, event: Event, *, delivery: str, at: float) -> Answer:
    """Post an event that happened at ``at``; never raises what the network or the receiver does wrong."""
    body, moment = document(event, at), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"alaas/{__version__}",
        "webhook-id": delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(receiver.key, delivery, moment, body),
    }
    try:
        reply = egress.post(receiver.url, body, headers=headers)
    except AlaasError as error:
        # The sentence of the error would tell the URL, which may hold a secret.
        return Answer(outcome="failed", reason=f"no answer ({type(error.__cause__ or error).__name__})")
    if 200 <= reply.status < 300:
        return Answer(outcome="delivered", reason=f"answered {reply.status}")
    outcome: Outcome = "gone" if reply.status == _GONE else "failed"
    return Answer(outcome=outcome, reason=f"answered {reply.status}", wait=reply.retry_after or 0.0)
