"""Buckets and manifests in them, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alaas.errors import SourceError
from alaas.testing.sources import SourceSuite
from object_store import object_store

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def store() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as client:
        client.create_bucket(Bucket="pool")
        for name in (
            "p/a.jpg",
            "p/b.PNG",
            "p/deep/c.jpg",
            "p/.hidden.jpg",
            "p/n.txt",
            "q/x.jpg",
            "pp.jpg",
            "p/",
        ):
            client.put_object(Bucket="pool", Key=name, Body=name.encode())
        client.put_object(Bucket="pool", Key="m/m.csv", Body=b"uri\n1.jpg\nsub/2.jpg\ns3://other/3.jpg\n")
        yield client


class TestBucket(SourceSuite):
    @pytest.fixture(autouse=True)
    def _bucket(self, store, opened) -> None:
        self.make = lambda: opened("s3://pool/p/", "image")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://pool/p/", ["a.jpg", "b.PNG", "deep/c.jpg"]),
        ("s3://pool/p", ["a.jpg", "b.PNG", "deep/c.jpg"]),
        ("s3://pool", ["p/a.jpg", "p/b.PNG", "p/deep/c.jpg", "pp.jpg", "q/x.jpg"]),
        ("s3://pool/p/*.jpg", ["a.jpg"]),
        ("s3://pool/*/*.jpg", ["p/a.jpg", "q/x.jpg"]),
        ("s3://pool/**/c.*", ["p/deep/c.jpg"]),
        ("s3://pool/p/**", ["a.jpg", "b.PNG", "deep/c.jpg"]),
        ("s3://pool/nothing/", []),
    ],
)
def test_listings(store, opened, uri: str, expected: list[str]) -> None:
    source = opened(uri, "image")
    assert source.remote
    assert [item.id for item in source] == expected


def test_settings_of_a_listing(store, opened, fetcher) -> None:
    flat = list(opened("s3://pool/p/", "image", recursive=False))
    assert [item.id for item in flat] == ["a.jpg", "b.PNG"]
    assert fetcher.fetch(flat[0].uri) == b"p/a.jpg"
    assert [item.id for item in opened("s3://pool/p/", "image", extensions=["txt"])] == ["n.txt"]


def test_one_object_and_a_manifest(store, opened) -> None:
    assert [item.uri for item in opened("s3://pool/p/a.jpg", "image")] == ["s3://pool/p/a.jpg"]
    manifest = opened("s3://pool/m/m.csv", "image")
    assert manifest.remote
    assert [item.uri for item in manifest] == [
        "s3://pool/m/1.jpg",
        "s3://pool/m/sub/2.jpg",
        "s3://other/3.jpg",
    ]


def test_a_bucket_that_is_not_there(store, opened) -> None:
    with pytest.raises(SourceError, match="nobody"):
        list(opened("s3://nobody/p/", "image"))
    with pytest.raises(SourceError, match="no such object"):
        list(opened("s3://pool/missing.csv", "image"))
