"""What may be reached, and caps."""

from __future__ import annotations

from pydantic import ByteSize, Field

from alaas.config._base import Bytes, CommaList, Section


class EgressSettings(Section):
    """What this process may reach on behalf of whoever names a URI."""

    allow: CommaList = Field(
        default_factory=list,
        description="Private addresses to open: host, host:port, address or network such as 10.0.0.0/8.",
    )
    roots: CommaList | None = Field(
        None,
        description="Folders and bucket prefixes that URIs may name. By default a server opens only its own "
        "source, and the command line all that you can read.",
    )
    connect_timeout: float = Field(5.0, gt=0, description="Seconds to connect.")
    timeout: float = Field(30.0, gt=0, description="Seconds for one item's download as a whole.")
    max_redirects: int = Field(5, ge=0, description="Redirects followed for one item; each is checked anew.")


class LimitSettings(Section):
    """Caps against mistakes and malice."""

    max_item_bytes: Bytes = Field(ByteSize(64_000_000), description="Bytes of one item.")
    max_pixels: int = Field(100_000_000, ge=1, description="Pixels of one image before scaling.")
    max_decode_seconds: float = Field(20.0, gt=0, description="Seconds to decode one item.")
    max_items: int = Field(10_000_000, ge=1, description="Items of one pool.")
    max_request_items: int = Field(100_000, ge=1, description="Items in one request to the server.")
    max_request_bytes: Bytes = Field(ByteSize(256_000_000), description="Bytes of one request to the server.")
    max_jobs: int = Field(64, ge=1, description="Jobs that may wait in the server; beyond it answers 429.")
    requests_per_second: float = Field(
        200.0, gt=0, description="Requests a key, or an address without one, may make on average."
    )
    request_burst: int = Field(400, ge=1, description="Requests that it may make at once.")
