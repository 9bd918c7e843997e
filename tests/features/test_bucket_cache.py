"""The cache in a bucket: the contract against a real S3, and what several machines see of each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alaas.config import CacheSettings
from alaas.features import FeatureCache, bucket, open_cache
from alaas.features._segments import build, head_length, new_name, parse
from alaas.features.bucket import BucketCache
from alaas.features.disk import DiskCache
from alaas.fetching import Bucket, ByteRange
from alaas.testing.features import FeatureCacheSuite, entries, key_of, right
from object_store import object_store
from scripted_server import answer, serving, unused_port

pytestmark = pytest.mark.external
_numbers = itertools.count()
Machines = Callable[..., BucketCache]


@pytest.fixture(scope="module", autouse=True)
def store() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as client:
        client.create_bucket(Bucket="features")
        yield client


@pytest.fixture(autouse=True)
def _listings_are_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "LIST_SECONDS", 0.0)


class TestBucketCache(FeatureCacheSuite):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.directory = tmp_path

    def make(self, *, max_bytes: int) -> FeatureCache:
        front = DiskCache(directory=self.directory, max_bytes=max_bytes)
        url = f"s3://features/suite-{next(_numbers)}"
        return BucketCache(bucket=Bucket(url), front=front, directory=self.directory, max_bytes=max_bytes)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machines]:
    """Each call is another machine with a disk of its own, on the same bucket."""
    url, found = f"s3://features/shared-{next(_numbers)}", []

    def make(name: str, *, max_bytes: int | None = None) -> BucketCache:
        front = DiskCache(directory=tmp_path / name, max_bytes=10_000_000)
        cache = BucketCache(bucket=Bucket(url), front=front, directory=tmp_path / name, max_bytes=max_bytes)
        found.append(cache)
        return cache

    yield make
    for cache in found:
        cache.close()


def count_right(cache: FeatureCache, names: range) -> int:
    keys = [key_of(name) for name in names]
    found = [(key, features) for key, features in zip(keys, cache.get(keys), strict=True) if features]
    assert all(right(key, features) for key, features in found)
    return len(found)


def test_what_one_machine_computed_another_reads(machine: Machines) -> None:
    first, second = machine("first"), machine("second")
    first.put(entries(range(300)))
    assert count_right(second, range(300)) == 0  # not uploaded yet
    first.flush()
    assert count_right(second, range(300)) == 300
    assert second.info().entries == 300


def test_what_waits_is_uploaded_when_the_cache_closes(machine: Machines) -> None:
    first = machine("first")
    first.put(entries(range(10)))
    first.close()
    assert count_right(machine("second"), range(10)) == 10


def test_what_waits_is_uploaded_after_a_while(machine: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "SEGMENT_SECONDS", 0.05)
    first, second = machine("first"), machine("second")
    first.put(entries(range(10)))
    for _ in range(200):
        if count_right(second, range(10)) == 10:
            break
    assert count_right(second, range(10)) == 10


def test_what_was_read_once_is_kept_here(machine: Machines, store) -> None:
    first, second = machine("first"), machine("second")
    first.put(entries(range(10)))
    first.flush()
    assert count_right(second, range(10)) == 10
    first.clear()
    assert count_right(second, range(10)) == 10
    assert count_right(machine("third"), range(10)) == 0


def test_machines_write_without_knowing_of_each_other(machine: Machines) -> None:
    first, second, third = machine("first"), machine("second"), machine("third")
    first.put(entries(range(20)))
    second.put(entries(range(10, 30)))
    first.flush()
    second.flush()
    assert count_right(third, range(30)) == 30
    assert third.info().entries == 30


def test_the_oldest_segments_go_beyond_the_cap(machine: Machines) -> None:
    first, reader = machine("first", max_bytes=50_000), machine("second")
    for begin in range(0, 800, 40):
        first.put(entries(range(begin, begin + 40)))
    first.flush()
    assert first.info().bytes <= 50_000
    assert count_right(reader, range(40)) == 0
    assert count_right(reader, range(760, 800)) == 40


def test_a_few_requests_read_a_thousand_records(machine: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = machine("first"), machine("second")
    first.put(entries(range(1000)))
    first.flush()
    asked: list[ByteRange] = []
    read = Bucket.read
    monkeypatch.setattr(Bucket, "read", lambda self, ranges: asked.extend(ranges) or read(self, ranges))
    assert count_right(second, range(1000)) == 1000
    assert len(asked) <= 3


def segments(cache: BucketCache) -> dict[str, int]:
    return cache._bucket.sizes()


def test_a_damaged_record_is_a_miss_and_the_others_stay(machine: Machines) -> None:
    first, second = machine("first"), machine("second")
    first.put(entries(range(10)))
    first.flush()
    ((name, size),) = segments(first).items()
    (content,) = first._bucket.read([ByteRange(name, 0, size)])
    assert content is not None
    first._bucket.write(name, content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    assert count_right(second, range(10)) == 9
    assert "damaged" in (second.trouble or "")
    second.put(entries(range(10)))
    second.flush()
    assert count_right(machine("third"), range(10)) == 10


@pytest.mark.parametrize("content", [b"", b"not a segment", b"ALS1" + bytes(100)])
def test_what_is_no_segment_is_left_out_and_told(machine: Machines, content: bytes) -> None:
    first, second = machine("first"), machine("second")
    first._bucket.write(new_name(), content)
    first._bucket.write("README", b"somebody's note")
    first.put(entries(range(10)))
    first.flush()
    assert count_right(second, range(10)) == 10
    assert "foreign" in (second.trouble or "")
    second.clear()
    assert list(segments(second)) == ["README"]


def test_a_segment_that_was_cut_is_left_out() -> None:
    whole = build([(key_of(n), bytes(64 + 8 * n)) for n in range(20)])
    parts = parse(whole, len(whole))
    assert parts is not None
    assert [part.length for part in parts] == [64 + 8 * n for n in range(20)]
    length = head_length(whole, len(whole))
    assert length is not None
    for size in range(0, len(whole), 7):
        assert parse(whole[:size], size) is None
    for place in range(length - 4):
        assert parse(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :], len(whole)) is None


def test_a_store_that_is_away_costs_time_once_and_loses_nothing_here(
    machine: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
        cache = machine("first")
        cache.put(entries(range(10)))
        cache.flush()
        assert "left alone" in (cache.trouble or "")
        assert count_right(cache, range(10)) == 10
        assert cache.get([key_of("unknown")]) == [None]
    cache._bucket = Bucket(cache._bucket.url)
    cache.flush()
    assert cache.trouble is None
    assert count_right(machine("second"), range(10)) == 10


def test_a_hiccup_of_the_store_is_tried_again(machine: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = answer(b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
    cache = machine("first")
    nothing = answer(b"", "404 Not Found")
    place = cache._bucket.url.removeprefix("s3:/")
    with serving({"/features": [answer(b"", "503 Slow Down"), empty], place: nothing}) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        assert cache.get([key_of(1)]) == [None]
        assert cache.trouble is None


def test_the_settings_open_it(tmp_path: Path) -> None:
    settings = CacheSettings(directory=tmp_path / "here", url="s3://features/from-settings/")
    cache = open_cache(settings)
    assert isinstance(cache, BucketCache)
    cache.put(entries(range(5)))
    cache.close()
    assert Bucket("s3://features/from-settings").sizes()
    with pytest.raises(ValueError, match="s3://BUCKET"):
        CacheSettings(url="https://example.org/features")
