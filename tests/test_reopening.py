"""What is sent to another process arrives there as if it had been opened there."""

from __future__ import annotations

import inspect
import threading
from pathlib import Path

import pytest

import alaas.errors
from alaas.config import Config
from alaas.encoders import open_encoder
from alaas.errors import AlaasError, FetchError, UnknownNameError
from alaas.features import open_cache, open_digests
from alaas.fetching import open_fetcher
from alaas.modalities import Modality
from alaas.pipeline import Line, Record
from alaas.testing.travel import sent
from alaas.types import Item

CONFIG = Config()


def test_a_fetcher_is_opened_anew_with_the_same_roots(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a.txt").write_bytes(b"a")
    (tmp_path / "b.txt").write_bytes(b"b")
    fetcher = open_fetcher(CONFIG.egress, CONFIG.limits, trusted=False, roots=[str(tmp_path / "open")])
    arrived = sent(fetcher)
    assert arrived.fetch(str(tmp_path / "open" / "a.txt")) == b"a"
    with pytest.raises(AlaasError, match="outside"):
        arrived.fetch(str(tmp_path / "b.txt"))


@pytest.mark.parametrize(
    "kind",
    [k for _, k in inspect.getmembers(alaas.errors, inspect.isclass) if issubclass(k, AlaasError)],
)
def test_every_error_can_be_sent(kind: type[AlaasError]) -> None:
    error = kind.__new__(kind, "what and how to mend it")
    error.__dict__["retry_after"] = 3.0
    arrived = sent(error)
    assert type(arrived) is kind
    assert arrived.args == error.args
    assert arrived.__dict__ == error.__dict__


def test_an_error_keeps_what_it_was_made_with() -> None:
    assert sent(FetchError("busy", transient=True, retry_after=2.0)).retry_after == 2.0
    assert sent(UnknownNameError("model", "resnet", ["resnet18"])).known == ["resnet18"]
    assert str(sent(UnknownNameError("model", "a", ["b"]))) == str(UnknownNameError("model", "a", ["b"]))


def test_a_line_arrives_whole_and_its_stages_still_share_what_they_shared(tmp_path: Path) -> None:
    config = CONFIG.model_copy(
        update={"cache": CONFIG.cache.model_copy(update={"directory": tmp_path / "cache"})}
    )
    (tmp_path / "a.txt").write_text("a short text")
    encoder = open_encoder(config.model, modality="table", limits=config.limits)
    encoder.modality.prepare([Item(id="0", row={"a": 1.0}), Item(id="1", row={"a": 3.0})])
    cancel = threading.Event()
    cancel.set()  # what was cancelled here does not stay cancelled there
    line = Line(
        modality=encoder.modality,
        fetcher=open_fetcher(config.egress, config.limits, trusted=True),
        digests=open_digests(config.cache),
        cache=open_cache(config.cache),
        encoder=encoder,
        wanted=frozenset({"embeddings"}),
        cancel=cancel,
    )
    stages = sent(line.stages())
    fetch, decode, encode = (stage.run for stage in stages)
    assert not fetch.cancel.is_set()  # type: ignore[attr-defined]
    modality: Modality = encode.encoder.modality  # type: ignore[attr-defined]
    assert modality is decode.modality is fetch.modality  # type: ignore[attr-defined]
    record = Record(row=0, item=Item(id="0", row={"a": 1.0}))
    for stage in stages:
        stage.run([record])
    assert record.features is not None
    assert record.features.embeddings is not None
    assert record.features.embeddings.tolist() == [-1.0]
