"""Object stores (S3, Google Cloud Storage, Azure) through fsspec.

Credentials, region and endpoint come from the environment (``AWS_ENDPOINT_URL``, ``AWS_PROFILE`` and their
like): they are the operator's, not those of whoever names a URI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from alaas.config import EgressSettings, LimitSettings
from alaas.errors import EgressError, FetchError, SourceError
from alaas.fetching._base import Fetcher
from alaas.fetching._filesystems import PROTOCOLS, Filesystems, describe, failures, is_transient
from alaas.fetching._spool import spooled
from alaas.fetching._uri import scheme_of
from alaas.fetching._web import document_cap

OBJECT_SCHEMES = tuple(PROTOCOLS)
_ONE_NAME = {"gcs": "gs", "abfs": "az", "abfss": "az"}
_CHUNK = 8 << 20


class ObjectFetcher(Fetcher):
    """Reads objects of buckets.

    Args:
        prefixes: what may be read, such as ``s3://bucket/folder/``; None opens all that the credentials do.
    """

    def __init__(
        self, egress: EgressSettings, limits: LimitSettings, *, prefixes: Sequence[str] | None
    ) -> None:
        self._prefixes = None if prefixes is None else [_normal(prefix) for prefix in prefixes]
        self._item_cap = int(limits.max_item_bytes)
        self._document_cap = document_cap(limits)
        self._timeout = egress.timeout
        self._filesystems = Filesystems(egress.connect_timeout, egress.timeout)

    def fetch(self, uri: str) -> bytes:
        filesystem, path = self._open_path(uri)
        with _explained(uri):
            content = self._range(filesystem, path, 0, self._item_cap + 1)
        if len(content) > self._item_cap:
            raise FetchError(f"{uri} is beyond the {self._item_cap} bytes that limits.max_item_bytes allows")
        return content

    def open(self, uri: str) -> BinaryIO:
        filesystem, path = self._open_path(uri)

        def copy(file: BinaryIO) -> None:
            with _explained(uri):
                while piece := self._range(filesystem, path, file.tell(), file.tell() + _CHUNK):
                    file.write(piece)
                    if file.tell() > self._document_cap:
                        raise FetchError(f"{uri} is longer than {self._document_cap} bytes")
                    if len(piece) < _CHUNK:
                        break

        return spooled(copy)

    def find(self, uri: str) -> Iterator[str]:
        filesystem, path = self._open_path(uri)
        bucket, _, prefix = path.partition("/")
        scheme = scheme_of(uri)
        try:
            with _explained(uri):
                for key in _keys(filesystem, bucket, prefix, self._timeout):
                    if not key.endswith("/"):  # the marker that some tools leave for a folder
                        yield f"{scheme}://{bucket}/{key}"
        except FetchError as error:
            raise SourceError(f"the listing of {uri} failed: {error.message}") from error

    def _range(self, filesystem: Any, path: str, start: int, end: int) -> bytes:
        """At most ``end`` − ``start`` bytes in one request, whatever the object's size."""
        try:
            return cast(bytes, filesystem.cat_file(path, start=start, end=end, timeout=self._timeout))
        except failures() as error:
            # Stores refuse a range that begins at an object's end, so an empty object has none.
            if "range" in str(error).lower() and filesystem.size(path) <= start:
                return b""
            raise

    def _open_path(self, uri: str) -> tuple[Any, str]:
        """The filesystem and the path ``bucket/key`` in it.

        Raises:
            EgressError: no opened prefix covers it.
        """
        scheme, path = scheme_of(uri), uri.partition("://")[2]
        if self._prefixes is not None and not self._is_open(_normal(uri)):
            raise EgressError(f"{uri} is not open; add its bucket or a prefix of it to egress.roots")
        if not path.partition("/")[0]:
            raise FetchError(f"{uri} names no bucket; expected {scheme}://bucket/key")
        return self._filesystems.of(scheme), path

    def _is_open(self, uri: str) -> bool:
        # Some layers below resolve dot segments, which would lead out of the prefix.
        if any(part in (".", "..") for part in uri.partition("://")[2].split("/")):
            return False
        return any(
            uri.startswith(prefix.rstrip("/") + "/") or uri == prefix for prefix in self._prefixes or ()
        )


def _normal(uri: str) -> str:
    scheme, _, path = uri.partition("://")
    return f"{_ONE_NAME.get(scheme.lower(), scheme.lower())}://{path}"


def _keys(filesystem: Any, bucket: str, prefix: str, timeout: float) -> Iterator[str]:
    if not hasattr(filesystem, "call_s3"):
        yield from (path.partition("/")[2] for path in sorted(filesystem.find(f"{bucket}/{prefix}")))
        return
    # Page by page: fsspec's own listing would first gather every key of the bucket in memory.
    more: dict[str, str] = {}
    while True:
        page = filesystem.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, timeout=timeout, **more)
        for entry in page.get("Contents", ()):
            yield entry["Key"]
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    try:
        yield
    except failures() as error:
        raise FetchError(f"{uri}: {describe(error)}", transient=is_transient(error)) from error
