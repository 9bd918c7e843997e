"""A server that is asked over HTTP: pooled connections, each call tried again while its trouble may pass."""

from __future__ import annotations

import ssl
import threading
import weakref
from collections.abc import Mapping, Sequence

from alaas.config import EgressSettings, EngineSettings
from alaas.egress import Answer, Egress
from alaas.engines._serving._address import ServerAddress
from alaas.engines._serving._patience import PassingError, patiently
from alaas.engines._serving._refusal import AbsentError, RefusedError, said
from alaas.engines._serving._settings import CERTIFICATES
from alaas.errors import ConfigError, FetchError, ModelUnavailableError

_PASSING = frozenset({408, 425, 429, 502, 503, 504})
_CLOSED = frozenset({401, 403, 407})
_ABSENT = frozenset({404, 405, 410, 501})
_MOST_BYTES = 1 << 30
"""Of one answer: a server gone wrong must not fill the memory."""


class HttpServer:
    """One server. Called from many threads at once, of which ``connections`` get through at a time.

    Its own address, wherever it lies, is opened by whoever wrote it into the configuration; a redirect from
    there is refused.

    Args:
        address: where it is.
        settings: token, timeout, retries, connections and certificates.
        model: what to call the model in messages.
    """

    def __init__(self, address: ServerAddress, settings: EngineSettings, *, model: str) -> None:
        self.address = address
        self.model = model
        self._settings = settings
        opened = EgressSettings(allow=[address.authority], timeout=settings.timeout)
        self._egress = Egress(opened, tls=certificates(settings))
        self._room = threading.BoundedSemaphore(settings.connections)
        self._headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        weakref.finalize(self, self._egress.close)

    def get(self, path: str) -> Answer:
        """Ask.

        Raises:
            ModelUnavailableError, RefusedError: as ``post``.
        """
        return self._patiently(path, None, {})

    def post(self, path: str, content: Sequence[memoryview], headers: Mapping[str, str]) -> Answer:
        """Send ``content`` and return the answer, whose status is 2xx.

        Raises:
            ModelUnavailableError: there is no answer in time, however often it was asked, or the server does
                not know the path or the caller.
            RefusedError: any other refusal, such as of the batch.
        """
        return self._patiently(path, content, headers)

    def _patiently(
        self, path: str, content: Sequence[memoryview] | None, headers: Mapping[str, str]
    ) -> Answer:
        url = f"{self.address}{path}"
        return patiently(
            lambda: self._once(url, content, headers),
            retries=self._settings.retries,
            who=f"the server of the model {self.model!r}",
        )

    def _once(self, url: str, content: Sequence[memoryview] | None, headers: Mapping[str, str]) -> Answer:
        try:
            with self._room:
                answer = self._egress.call(
                    url,
                    content,
                    headers={**self._headers, **headers},
                    max_bytes=_MOST_BYTES,
                    timeout=self._settings.timeout,
                )
        except FetchError as error:
            if error.transient:
                raise PassingError(error.message) from error
            raise ModelUnavailableError(
                f"the server of the model {self.model!r} cannot be asked: {error.message}"
            ) from error
        return self._judged(url, answer)

    def _judged(self, url: str, answer: Answer) -> Answer:
        status, sentence = answer.status, said(answer.content) if answer.status >= 300 else ""
        if 200 <= status < 300:
            return answer
        what = f"{url} answered {status} {answer.reason}".rstrip() + (f": {sentence}" if sentence else "")
        if status in _PASSING:
            raise PassingError(what, retry_after=answer.retry_after)
        if status in _CLOSED:
            how = "does not accept the token" if self._settings.token else "asks for a token"
            raise ModelUnavailableError(f"{what}; the server {how}: set model.engine.token")
        if status in _ABSENT:
            raise AbsentError(
                f"{what}; see that model.engine.url is the server's address and that it has the model "
                f"{self.model!r} under model.engine.version {self._settings.version or '(its own choice)'}"
            )
        if status < 400:
            where = answer.headers.get("location", "elsewhere")
            raise ModelUnavailableError(f"{what}; it redirects to {where}: name that as model.engine.url")
        raise RefusedError(f"{what} (model {self.model!r})", status=status, said=sentence)


def certificates(settings: EngineSettings) -> ssl.SSLContext | None:
    """What the server's certificate is verified with, if the settings name a file.

    Raises:
        ConfigError: it cannot be read.
    """
    path = settings.options.get(CERTIFICATES)
    if path is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        raise ConfigError(f"model.engine.options.certificates: cannot read {path}: {error}") from error
