"""A bucket of the operator's on each kind of store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from alaas.errors import ConfigError, FetchError
from alaas.fetching import Bucket, ByteRange
from azure_store import azure_store
from google_store import google_store
from object_store import object_store

pytestmark = [
    pytest.mark.external,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # by the stores' own packages
]


@pytest.fixture(scope="module", params=["s3", "az", "gs"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "s3":
            with object_store(patch) as client:
                client.create_bucket(Bucket="mine")
                yield "s3://mine/below/here"
        elif request.param == "az":
            with azure_store(patch, folder) as connection:
                blob = pytest.importorskip("azure.storage.blob")
                with blob.BlobServiceClient.from_connection_string(connection) as client:
                    client.create_container("mine")
                yield "az://mine/below/here"
        else:
            with google_store(patch, "mine"):
                yield "gs://mine/below/here"


@pytest.fixture
def bucket(url: str) -> Iterator[Bucket]:
    bucket = Bucket(url)
    yield bucket
    bucket.delete(list(bucket.sizes()))


def test_objects_are_written_listed_read_and_deleted(bucket: Bucket) -> None:
    assert bucket.sizes() == {}
    bucket.write("a/x", b"hello")
    bucket.write("y", b"12345")
    bucket.write("y", b"123456")
    assert bucket.sizes() == {"a/x": 5, "y": 6}
    ranges = [ByteRange("a/x", 1, 3), ByteRange("none", 0, 3), ByteRange("y", 2, 50)]
    assert bucket.read(ranges) == [b"el", None, b"3456"]
    bucket.delete(["y", "none"])
    assert bucket.sizes() == {"a/x": 5}
    bucket.delete(["a/x"])
    bucket.delete([])
    assert bucket.sizes() == {}


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_an_upload_in_pieces_appears_whole(bucket: Bucket, pieces: int) -> None:
    content = [os.urandom(7_000_000) for _ in range(pieces)]
    bucket.upload("large.jsonl", content)
    assert bucket.sizes() == {"large.jsonl": 7_000_000 * pieces}
    if pieces:
        assert bucket.read([ByteRange("large.jsonl", 0, 7_000_000 * pieces)]) == [b"".join(content)]


@pytest.mark.parametrize("size", [10, 20_000_000])
def test_an_upload_that_breaks_off_leaves_what_was_there(bucket: Bucket, size: int) -> None:
    bucket.write("labels.jsonl", b"old")

    def pieces() -> Iterator[bytes]:
        yield bytes(size)
        raise RuntimeError("the labels ended here")

    with pytest.raises(RuntimeError, match="ended here"):
        bucket.upload("labels.jsonl", pieces())
    assert bucket.read([ByteRange("labels.jsonl", 0, 10)]) == [b"old"]
    assert bucket.sizes() == {"labels.jsonl": 3}


def test_a_bucket_that_is_not_there(bucket: Bucket) -> None:
    other = Bucket(bucket.url.replace("mine", "not-mine"))
    with pytest.raises(FetchError, match="not-mine") as caught:
        other.write("x", b"1")
    assert not caught.value.transient
    with pytest.raises(FetchError):
        other.upload("x", [b"1"])


@pytest.mark.parametrize("address", ["photos/", "file:///tmp", "https://example.org/x", "s3://", "az:///x"])
def test_what_is_no_bucket_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="names no bucket"):
        Bucket(address)
