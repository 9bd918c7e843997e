"""First stage: get each item's bytes and name them by their digest."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import tenacity

from alaas.errors import CancelledError, EgressError, FetchError, ItemError
from alaas.features import DigestIndex, content_digest
from alaas.fetching import Fetcher
from alaas.modalities import Modality
from alaas.pipeline._record import Record


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Gives each record its ``digest``, and its ``content`` unless the digest was already known.

    A local file whose stamp has not changed since it was last hashed is not even opened: on a warm cache a
    large pool costs one ``stat`` an item.
    """

    fetcher: Fetcher
    modality: Modality
    digests: DigestIndex
    retries: int
    retry_wait: float
    cancel: threading.Event

    def __getstate__(self) -> dict[str, object]:
        """All but the event: only threads of one process can share it."""
        return {name: value for name, value in self.__dict__.items() if name != "cancel"}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Arrive in another process; whoever runs it there ends the process to cancel."""
        self.__dict__.update(state, cancel=threading.Event())

    def __call__(self, records: list[Record]) -> None:
        """Fetch a few records."""
        for record in records:
            try:
                record.content = self.modality.inline(record.item)
                if record.content is None:
                    record.stamp = self.fetcher.stamp(_uri(record))
            except (ItemError, EgressError) as error:
                record.fail(error)
        stamped = [record for record in records if record.stamp is not None]
        if stamped:
            known = self.digests.lookup([record.stamp for record in stamped if record.stamp is not None])
            for record, digest in zip(stamped, known, strict=True):
                record.digest = digest
        hashed = [record for record in records if not record.finished and record.digest is None]
        for record in hashed:
            self.read(record)
            if record.content is not None:
                record.digest = content_digest(record.content)
        fresh = [(r.stamp, r.digest) for r in hashed if r.stamp is not None and r.digest is not None]
        if fresh:
            self.digests.remember(fresh)

    def read(self, record: Record) -> None:
        """Make sure that the record has its content, or has failed."""
        if record.content is not None or record.finished:
            return
        try:
            record.content = self._fetch(_uri(record))
        except (ItemError, EgressError) as error:
            record.fail(error)

    def _fetch(self, uri: str) -> bytes:
        try:
            return self.fetcher.fetch(uri)
        except FetchError as error:
            if not error.transient or self.retries == 0:
                raise
        again = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.retries),
            wait=tenacity.wait_random_exponential(multiplier=2 * self.retry_wait, max=30),
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, FetchError) and error.transient
            ),
            sleep=self._sleep,
            reraise=True,
        )
        self._sleep(self.retry_wait)
        return again(self.fetcher.fetch, uri)

    def _sleep(self, seconds: float) -> None:
        if self.cancel.wait(seconds):
            raise CancelledError("cancelled while waiting to try a download again")


def _uri(record: Record) -> str:
    if record.item.uri is None:
        raise ItemError(f"item {record.item.id!r} has neither a URI nor content; give it one of them")
    return record.item.uri
