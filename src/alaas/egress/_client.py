"""The client: redirects, connections and errors around one GET, and calls that follow no redirect."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from alaas.config import EgressSettings
from alaas.egress._body import body, check_status, retry_after, whole
from alaas.egress._connection import Content, GuardedConnection, Wire
from alaas.egress._dial import Resolver, dial, judged, system_resolver
from alaas.egress._idle import ConnectionStore
from alaas.egress._policy import AddressPolicy
from alaas.egress._target import Target, parse_target, redirected
from alaas.errors import EgressError, FetchError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_ANSWER = 65536


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a server said to a POST: its status, and the seconds after which it wants to be asked again."""

    status: int
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server answered to a call, whatever its status. The names of ``headers`` are in lower case.

    ``content`` may be changed: nobody else has it.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytearray
    retry_after: float | None = None


class Egress:
    """Fetches http(s) addresses that the configuration opens. Called from many threads at once.

    Proxies from the environment (``HTTP_PROXY`` and so on) are ignored: behind one, the address that was
    judged would not be the address that is reached. Certificates are verified against the system's.

    Args:
        settings: what is open, and the timeouts.
        resolve: how a host becomes addresses.
        tls: a context to verify certificates with; by default one that trusts what the system trusts.
    """

    def __init__(
        self,
        settings: EgressSettings,
        *,
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._policy = AddressPolicy.parse(settings.allow)
        self._resolve = resolve
        self._tls = tls
        self._tls_lock = threading.Lock()
        self._connections = ConnectionStore()

    def get(self, url: str, *, max_bytes: int) -> bytes:
        """Return what ``url`` holds.

        Raises:
            FetchError: it cannot be had, is longer than ``max_bytes`` or takes longer than
                ``egress.timeout``; transient if another try may succeed.
            EgressError: the address, or one that it redirects to, is not open.
        """
        return b"".join(self._pieces(url, max_bytes, self._settings.timeout))

    def copy(self, url: str, file: BinaryIO, *, max_bytes: int, timeout: float) -> int:
        """Write what ``url`` holds to ``file``; returns the number of bytes.

        Raises:
            FetchError, EgressError: as ``get``.
        """
        return sum(file.write(piece) for piece in self._pieces(url, max_bytes, timeout))

    def post(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> Reply:
        """Send ``content``; whatever the server answers is returned, a redirect too: none is followed.

        Only the status matters: the answer's body is read to at most 64 KiB and dropped.

        Raises:
            FetchError: there is no answer within ``egress.timeout``; transient if another try may succeed.
            EgressError: the address is not open.
        """
        timeout = self._settings.timeout
        deadline = time.monotonic() + timeout
        target = parse_target(url)
        with _explained(target, timeout), self._response(target, deadline, content, headers) as response:
            response.read(_MOST_ANSWER)
            return Reply(status=response.status, retry_after=retry_after(response.headers.get("Retry-After")))

    def call(
        self,
        url: str,
        content: Sequence[memoryview] | None = None,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        timeout: float | None = None,
    ) -> Answer:
        """Ask ``url``, or send it ``content``, piece by piece and without copying; no redirect is followed.

        Raises:
            FetchError: there is no whole answer within ``timeout`` seconds, by default ``egress.timeout``, or
                it is longer than ``max_bytes``; transient if another try may succeed.
            EgressError: the address is not open.
        """
        limit = self._settings.timeout if timeout is None else timeout
        deadline = time.monotonic() + limit
        target = parse_target(url)
        with _explained(target, limit), self._response(target, deadline, content, headers) as response:
            received = whole(target, response, max_bytes)
            return Answer(
                status=response.status,
                reason=response.reason,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=received,
                retry_after=retry_after(response.headers.get("Retry-After")),
            )

    def close(self) -> None:
        """Close all connections. Threads that wait on one get a FetchError at once."""
        self._connections.close()

    def _pieces(self, url: str, max_bytes: int, timeout: float) -> Iterator[bytes]:
        deadline = time.monotonic() + timeout
        target = parse_target(url)
        with _explained(target, timeout):
            for _ in range(self._settings.max_redirects + 1):
                with self._response(target, deadline) as response:
                    location = response.headers.get("Location") if response.status in _REDIRECTS else None
                    if location is None:
                        check_status(target, response)
                        yield from body(target, response, max_bytes)
                        return
                target = self._follow(target, location)
        most = self._settings.max_redirects
        raise FetchError(f"{url} redirects more than {most} times (egress.max_redirects)")

    def _follow(self, target: Target, location: str) -> Target:
        new = redirected(target, location)
        if target.scheme == "https" and new.scheme == "http":
            raise EgressError(f"{target} redirects to {new}, which is not encrypted; name that one instead")
        return new

    @contextmanager
    def _response(
        self,
        target: Target,
        deadline: float,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        connection, response = self._exchange(target, deadline, content, headers or {})
        try:
            yield response
        except BaseException:
            self._connections.discard(connection.wire)
            raise
        # Only a response read to its end leaves the connection fit for another.
        if response.isclosed() and not response.will_close:
            self._connections.give(target.origin, connection)
        else:
            self._connections.discard(connection.wire)

    def _exchange(
        self, target: Target, deadline: float, content: Content | None, further: Mapping[str, str]
    ) -> tuple[GuardedConnection, http.client.HTTPResponse]:
        headers = {
            "Host": target.authority,
            "User-Agent": "alaas",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **further,
        }
        connection = self._connections.take(target.origin)
        if connection is not None:
            try:
                return connection, connection.exchange(target, headers, deadline, content)
            except ConnectionError:  # closed by the server while it was idle: dial anew
                self._connections.discard(connection.wire)
            except BaseException:
                self._connections.discard(connection.wire)
                raise
        connection = GuardedConnection(target, self._dial(target, deadline))
        try:
            return connection, connection.exchange(target, headers, deadline, content)
        except BaseException:
            self._connections.discard(connection.wire)
            raise

    def _dial(self, target: Target, deadline: float) -> Wire:
        return dial(
            target,
            judged(target, self._policy, self._resolve),
            tls=self._context() if target.scheme == "https" else None,
            connect_timeout=self._settings.connect_timeout,
            deadline=deadline,
            store=self._connections,
        )

    def _context(self) -> ssl.SSLContext:
        with self._tls_lock:
            if self._tls is None:
                from httpcore2 import default_ssl_context

                self._tls = default_ssl_context()
            return self._tls


@contextmanager
def _explained(target: Target, timeout: float) -> Iterator[None]:
    """Turn what the network raises into a FetchError."""
    try:
        yield
    except TimeoutError as error:
        raise FetchError(f"{target} did not answer in full within {timeout:g} s", transient=True) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(f"the certificate of {target} is not trusted: {error.verify_message}") from error
    except http.client.IncompleteRead as error:
        raise FetchError(f"{target} broke off before the end", transient=True) from error
    except OSError as error:
        raise FetchError(f"{target} cannot be reached: {error.strerror or error}", transient=True) from error
    except http.client.HTTPException as error:
        raise FetchError(f"{target} does not speak HTTP: {error!r}") from error
