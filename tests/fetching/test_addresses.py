"""http(s) and data: through the one fetcher."""

from __future__ import annotations

import pytest

from alaas.config import LimitSettings
from alaas.errors import ConfigError, EgressError, FetchError, SourceError
from scripted_server import answer, serving

SMALL = LimitSettings(max_item_bytes=10, max_request_bytes=30)


def test_an_address_is_fetched_under_the_item_cap(opened) -> None:
    with serving({"/a": answer(b"x" * 10), "/b": answer(b"x" * 11)}) as server:
        fetcher = opened(trusted=False, allow=["127.0.0.1"], limits=SMALL)
        assert fetcher.fetch(f"{server.url}/a") == b"x" * 10
        with pytest.raises(FetchError, match="max_item_bytes"):
            fetcher.fetch(f"{server.url}/b")
        assert fetcher.stamp(f"{server.url}/a") is None
        assert fetcher.local_path(f"{server.url}/a") is None


def test_a_document_may_be_as_long_as_a_request(opened) -> None:
    with serving({"/a": answer(b"x" * 30), "/b": answer(b"x" * 31)}) as server:
        fetcher = opened(allow=["127.0.0.1"], limits=SMALL)
        with fetcher.open(f"{server.url}/a") as file:
            assert file.read() == b"x" * 30
            assert file.fileno() >= 0
        with pytest.raises(FetchError):
            fetcher.open(f"{server.url}/b")


def test_even_the_trusted_need_allow_for_private_addresses(opened) -> None:
    with pytest.raises(EgressError):
        opened(trusted=True).fetch("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("uri", "content"),
    [("data:,a%20b", b"a b"), ("data:text/plain;base64,aGVsbG8=", b"hello"), ("DATA:;BASE64,aGk=", b"hi")],
)
def test_data_uris(opened, uri: str, content: bytes) -> None:
    assert opened(trusted=False).fetch(uri) == content


@pytest.mark.parametrize("uri", ["data:nothing", "data:;base64,!!!", "data:,12345678901"])
def test_bad_data_uris(opened, uri: str) -> None:
    with pytest.raises(FetchError) as caught:
        opened(limits=SMALL).fetch(uri)
    assert not caught.value.transient


@pytest.mark.parametrize("uri", ["ftp://example.org/a", "gopher://x/", "memory://a", "github://a:b@c/d"])
def test_other_schemes_are_refused(opened, uri: str) -> None:
    with pytest.raises(FetchError, match="scheme"):
        opened().fetch(uri)


def test_what_cannot_be_listed(opened) -> None:
    for uri in ("http://example.org/", "photos/", "data:,x"):
        with pytest.raises(SourceError):
            list(opened().find(uri))


def test_a_wrong_allow_is_told_at_once(opened) -> None:
    with pytest.raises(ConfigError):
        opened(allow=["http://x"])
