"""Objects of an S3 store over HTTP."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from alaas.config import LimitSettings
from alaas.errors import EgressError, FetchError, MissingExtraError, SourceError
from object_store import object_store
from scripted_server import answer, serving, unused_port

pytestmark = pytest.mark.external
NAMES = ["photos/a.jpg", "photos/b.jpg", "photos/deep/c.jpg", "photos/", "photosecret/d.jpg", "other.jpg"]


@pytest.fixture(scope="module")
def store() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as client:
        client.create_bucket(Bucket="pool")
        for name in NAMES:
            client.put_object(Bucket="pool", Key=name, Body=b"" if name.endswith("/") else name.encode())
        client.put_object(Bucket="pool", Key="empty.jpg", Body=b"")
        client.put_object(Bucket="pool", Key="wéird %41?.jpg", Body=b"weird")
        yield client


def test_objects_are_read(store, opened) -> None:
    fetcher = opened()
    assert fetcher.fetch("s3://pool/photos/a.jpg") == b"photos/a.jpg"
    assert fetcher.fetch("S3://pool/photos/a.jpg") == b"photos/a.jpg"
    assert fetcher.fetch("s3://pool/empty.jpg") == b""
    assert fetcher.fetch("s3://pool/wéird %41?.jpg") == b"weird"
    assert fetcher.stamp("s3://pool/other.jpg") is None
    with fetcher.open("s3://pool/other.jpg") as file:
        assert file.read() == b"other.jpg"


def test_many_threads_read_at_once(store, opened) -> None:
    fetcher, got = opened(), []
    threads = [
        threading.Thread(target=lambda: got.append(fetcher.fetch("s3://pool/photos/b.jpg")))
        for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [b"photos/b.jpg"] * 32


def test_a_long_object_is_opened_in_pieces_and_refused_as_an_item(store, opened) -> None:
    long = os.urandom(9_000_000)
    store.put_object(Bucket="pool", Key="long.csv", Body=long)
    fetcher = opened(limits=LimitSettings(max_item_bytes=1000, max_request_bytes=9_000_000))
    with fetcher.open("s3://pool/long.csv") as file:
        assert file.read() == long
    with pytest.raises(FetchError, match="max_item_bytes"):
        fetcher.fetch("s3://pool/long.csv")
    with pytest.raises(FetchError):
        opened(limits=LimitSettings(max_item_bytes=1000, max_request_bytes=8_999_999)).open(
            "s3://pool/long.csv"
        )


def test_what_is_not_there(store, opened) -> None:
    for uri in ("s3://pool/missing.jpg", "s3://nobody/a.jpg", "s3://", "s3:///a.jpg"):
        with pytest.raises(FetchError) as caught:
            opened().fetch(uri)
        assert not caught.value.transient
    with pytest.raises(SourceError):
        list(opened().find("s3://nobody/"))


def test_strangers_read_only_below_the_prefixes(store, opened) -> None:
    fetcher = opened(trusted=False, roots=["s3://pool/photos/"])
    assert fetcher.fetch("s3://pool/photos/deep/c.jpg") == b"photos/deep/c.jpg"
    for uri in (
        "s3://pool/other.jpg", "s3://pool/photosecret/d.jpg", "s3://pool/photos/../other.jpg", "s3://other/photos/a",
        "s3://pool/photos/./a.jpg", "s3://pool//photos/a.jpg", "gs://pool/photos/a.jpg", "s3://POOL/photos/a.jpg",
    ):  # fmt: skip
        with pytest.raises(EgressError, match=r"egress\.roots"):
            fetcher.fetch(uri)
    for prefix in ("s3://pool/", "s3://pool/photo", "s3://pool/photos"):
        with pytest.raises(EgressError):
            list(fetcher.find(prefix))
    assert list(fetcher.find("s3://pool/photos/deep/")) == ["s3://pool/photos/deep/c.jpg"]
    with pytest.raises(EgressError):
        opened(trusted=False).fetch("s3://pool/photos/a.jpg")


def test_a_listing_is_in_order_and_without_markers(store, opened) -> None:
    assert list(opened().find("s3://pool/photos/")) == [
        "s3://pool/photos/a.jpg",
        "s3://pool/photos/b.jpg",
        "s3://pool/photos/deep/c.jpg",
    ]
    assert list(opened().find("s3://pool/nothing/")) == []


def test_a_listing_goes_page_by_page(store, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "<ListBucketResult><Contents><Key>{}.jpg</Key></Contents>{}</ListBucketResult>"
    more = "<IsTruncated>true</IsTruncated><NextContinuationToken>go on</NextContinuationToken>"
    pages = [answer(page.format("a", more).encode()), answer(page.format("b", "").encode())]
    with serving({"/pool": pages}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        listing = opened().find("s3://pool/")
        assert next(listing) == "s3://pool/a.jpg"
        assert len(server.requests) == 1
        assert list(listing) == ["s3://pool/b.jpg"]
        assert b"continuation-token=go%20on" in server.requests[1]


@pytest.mark.parametrize("status", ["500 Oops", "503 Slow Down"])
def test_a_store_in_trouble_is_worth_another_try(
    store, opened, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({"/pool/a.jpg": answer(b"", status)}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        with pytest.raises(FetchError) as caught:
            opened().fetch("s3://pool/a.jpg")
        assert len(server.requests) == 1
    assert caught.value.transient


def test_a_store_that_is_not_there(store, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(FetchError) as caught:
        opened(connect_timeout=1, timeout=2).fetch("s3://pool/a.jpg")
    assert caught.value.transient


def test_no_credentials(store, opened, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(FetchError, match="credentials") as caught:
        opened().fetch("s3://pool/a.jpg")
    assert not caught.value.transient


def test_a_missing_package_is_named(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gcsfs", None)
    with pytest.raises(MissingExtraError, match=r"alaas\[gcs\]"):
        opened().fetch("gs://pool/a.jpg")
