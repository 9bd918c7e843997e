"""Objects of an Azure store over HTTP, as items and as a source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alaas.config import SourceSettings
from alaas.errors import EgressError, FetchError
from alaas.sources import open_source
from azure_store import azure_store

pytestmark = [pytest.mark.external, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    blob = pytest.importorskip("azure.storage.blob")
    with pytest.MonkeyPatch.context() as patch, azure_store(patch, tmp_path_factory.mktemp("store")) as text:
        with blob.BlobServiceClient.from_connection_string(text) as client:
            pool = client.create_container("pool")
            for name in ("photos/a.jpg", "photos/deep/c.jpg", "other.jpg", "photos/wéird %41?.jpg"):
                pool.upload_blob(name, name.encode())
            pool.upload_blob("empty.jpg", b"")
        yield


def test_objects_are_read(opened) -> None:
    fetcher = opened()
    assert fetcher.fetch("az://pool/photos/a.jpg") == b"photos/a.jpg"
    assert fetcher.fetch("abfs://pool/photos/a.jpg") == b"photos/a.jpg"
    assert fetcher.fetch("az://pool/photos/wéird %41?.jpg") == "photos/wéird %41?.jpg".encode()
    assert fetcher.fetch("az://pool/empty.jpg") == b""
    with fetcher.open("az://pool/other.jpg") as file:
        assert file.read() == b"other.jpg"


def test_what_is_not_there(opened) -> None:
    for uri in ("az://pool/missing.jpg", "az://nobody/a.jpg", "az:///a.jpg"):
        with pytest.raises(FetchError) as caught:
            opened().fetch(uri)
        assert not caught.value.transient


def test_strangers_read_only_below_the_prefixes(opened) -> None:
    fetcher = opened(trusted=False, roots=["az://pool/photos/"])
    assert fetcher.fetch("abfs://pool/photos/a.jpg") == b"photos/a.jpg"
    for uri in ("az://pool/other.jpg", "az://pool/photos/../other.jpg", "abfs://other/photos/a.jpg"):
        with pytest.raises(EgressError, match=r"egress\.roots"):
            fetcher.fetch(uri)


def test_a_prefix_is_a_source(opened) -> None:
    source = open_source(SourceSettings(uri="az://pool/photos"), modality="image", fetcher=opened())
    assert sorted(item.id for item in source) == ["a.jpg", "deep/c.jpg", "wéird %41?.jpg"]


def test_no_account(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
    with pytest.raises(FetchError, match="AZURE_STORAGE_CONNECTION_STRING"):
        opened().fetch("az://pool/photos/a.jpg")
