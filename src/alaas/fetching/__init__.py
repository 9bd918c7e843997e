"""From URIs to bytes: local files, http(s) through the guarded egress, object stores through fsspec."""

from alaas.fetching._base import Fetcher, FileStamp
from alaas.fetching._bucket import Bucket, ByteRange
from alaas.fetching._open import open_fetcher
from alaas.fetching._uri import is_remote, scheme_of

__all__ = ["Bucket", "ByteRange", "Fetcher", "FileStamp", "is_remote", "open_fetcher", "scheme_of"]
