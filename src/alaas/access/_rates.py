"""How fast anybody may ask."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from alaas.errors import RateError


class Rates:
    """A bucket of tokens for each who asks; every request takes one, and they come back steadily.

    Of a bucket only the moment is kept at which it will be full again, so a bucket that is full needs no
    memory. At most ``most`` are kept; beyond that the one that was used longest ago is taken for full.

    Args:
        per_second: tokens that come back in a second.
        burst: tokens in a full bucket.
        most: buckets to keep.
        clock: seconds that only go forwards.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        *,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = 1.0 / per_second
        self._slack = (burst - 1) * self._seconds
        self._most = most
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str) -> None:
        """Take a token from the bucket of ``who``.

        Raises:
            RateError: it is empty; the error says for how long.
        """
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.pop(who, now), now)
            wait = full_at - now - self._slack
            self._full_at[who] = full_at if wait > 0 else full_at + self._seconds
            if len(self._full_at) > self._most:
                self._full_at.popitem(last=False)
        if wait > 0:
            raise RateError(
                f"requests come faster than {1 / self._seconds:g} a second; try again in "
                f"{wait:.2g} seconds, or raise limits.requests_per_second on the server",
                retry_after=wait,
            )


def bucket_of(address: str) -> str:
    """Whose bucket an address takes from: of IPv6 a network of 64 bits, which one customer has to himself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
