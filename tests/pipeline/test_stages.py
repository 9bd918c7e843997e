"""The stages one by one, with a fetcher and an encoder that do as they are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from alaas.config import Config, LimitSettings, ModelSettings, PipelineSettings
from alaas.encoders import EncodedBatch, Encoder
from alaas.errors import CancelledError, FetchError, ModelError
from alaas.features import DigestIndex, content_digest, open_digests
from alaas.features.memory import MemoryCache
from alaas.fetching import Fetcher
from alaas.modalities import Decoded, Modality
from alaas.pipeline import Line, Record
from alaas.pipeline.encode import Encode
from alaas.pipeline.fetch import Fetch
from alaas.runtimes import registry
from alaas.types import Item


class Letters(Modality):
    """A text is its bytes; refuses the letter x."""

    name = "text"
    fingerprint = "letters"

    def inline(self, item: Item) -> bytes | None:
        return None if item.text is None else item.text.encode()

    def decode(self, content: bytes) -> Decoded:
        from alaas.errors import DecodeError

        if b"x" in content:
            raise DecodeError("holds an x")
        return np.frombuffer(content, dtype=np.uint8).copy()

    def length(self, decoded: Decoded) -> int:
        return len(decoded)

    def example(self) -> Decoded:
        return np.zeros(1, dtype=np.uint8)

    def collate(self, batch: Sequence[Decoded]) -> dict[str, np.ndarray]:
        return {}


class Counter(Encoder):
    """Embeds a text as its length and its sum; cannot take the letter q; counts its calls."""

    name = "counter"
    provides = frozenset({"embeddings"})
    fingerprint = "counter-1"

    def __init__(self) -> None:
        self.modality = Letters()
        self.batches: list[int] = []

    def load(self) -> None: ...

    def encode(self, batch: Sequence[Decoded]) -> EncodedBatch:
        if any((letters == ord("q")).any() for letters in batch):
            raise ModelError("a q went in")
        self.batches.append(len(batch))
        return EncodedBatch(embeddings=np.array([[len(b), b.sum()] for b in batch], dtype=np.float32))


class Script(Fetcher):
    """Answers a URI with the next of its scripted answers."""

    def __init__(self, answers: dict[str, list[bytes | FetchError]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def fetch(self, uri: str) -> bytes:
        self.asked.append(uri)
        answer = self.answers[uri].pop(0)
        if isinstance(answer, FetchError):
            raise answer
        return answer


def no_digests() -> DigestIndex:
    return open_digests(Config().cache.model_copy(update={"enabled": False}))


def fetch_stage(script: Script, *, retries: int = 3, cancel: threading.Event | None = None) -> Fetch:
    return Fetch(
        fetcher=script, modality=Letters(), digests=no_digests(), retries=retries, retry_wait=0.01,
        cancel=cancel or threading.Event(),
    )  # fmt: skip


def record(row: int = 0, **fields: object) -> Record:
    return Record(row=row, item=Item(id=str(row), **fields))


def busy() -> FetchError:
    return FetchError("busy", transient=True)


def test_a_passing_failure_is_tried_again() -> None:
    script = Script({"u": [busy(), busy(), b"content"]})
    one = record(uri="u")
    fetch_stage(script)([one])
    assert one.content == b"content"
    assert one.digest == content_digest(b"content")
    assert len(script.asked) == 3


def test_it_gives_up_after_the_tries_it_was_given() -> None:
    script = Script({"u": [busy() for _ in range(9)]})
    one = record(uri="u")
    fetch_stage(script, retries=2)([one])
    assert one.failure is not None
    assert one.failure.reason == "busy"
    assert len(script.asked) == 3


def test_a_lasting_failure_is_not_tried_again() -> None:
    script = Script({"u": [FetchError("gone")]})
    one = record(uri="u")
    fetch_stage(script)([one])
    assert one.finished
    assert len(script.asked) == 1


def test_cancelling_wakes_whoever_waits_to_try_again() -> None:
    cancel = threading.Event()
    stage = fetch_stage(Script({"u": [busy() for _ in range(9)]}), cancel=cancel)
    object.__setattr__(stage, "retry_wait", 30.0)
    threading.Timer(0.1, cancel.set).start()
    began = time.perf_counter()
    with pytest.raises(CancelledError):
        stage([record(uri="u")])
    assert time.perf_counter() - began < 2


def test_an_item_with_nothing_in_it_is_reported() -> None:
    one = record()
    fetch_stage(Script({}))([one])
    assert one.failure is not None
    assert "neither a URI nor content" in one.failure.reason


def test_one_item_that_the_model_cannot_take_does_not_sink_its_batch() -> None:
    batch = [record(row, text=text) for row, text in enumerate(["aa", "q", "b", "cc"])]
    for one in batch:
        one.decoded = Letters().decode(one.item.text.encode())
    Encode(encoder=Counter(), batch_size=4, last=True)(batch)
    assert [one.failure is None for one in batch] == [True, False, True, True]
    assert batch[2].features is not None
    assert batch[2].features.embeddings.tolist() == [1, ord("b")]


def run_line(
    texts: list[str], cache: MemoryCache | None, encoder: Counter, runtime: str = "local"
) -> list[Record]:
    line = Line(
        modality=encoder.modality, fetcher=Script({}), digests=no_digests(), cache=cache, encoder=encoder,
        wanted=frozenset({"embeddings"}), settings=PipelineSettings(), model=ModelSettings(batch_size=4),
    )  # fmt: skip
    out: list[Record] = []
    registry.get(runtime)().run(
        (record(row, text=text) for row, text in enumerate(texts)), line.stages(), out.extend
    )
    return sorted(out, key=lambda one: one.row)


@pytest.mark.parametrize("runtime", ["local", "sequential"])
def test_the_whole_line_computes_each_item_once(runtime: str) -> None:
    cache, encoder = MemoryCache(max_bytes=1 << 20), Counter()
    texts = [f"word {number}" for number in range(50)] + ["an x", "a q"]
    cold = run_line(texts, cache, encoder, runtime)
    assert sum(encoder.batches) == 50
    assert [one.row for one in cold if one.failure] == [50, 51]
    encoder.batches.clear()
    warm = run_line(texts, cache, encoder, runtime)
    assert encoder.batches == []
    assert sum(one.cached for one in warm) == 50
    for before, after in zip(cold[:50], warm[:50], strict=True):
        assert before.features.embeddings.tolist() == after.features.embeddings.tolist()


def test_a_pool_that_grew_computes_what_is_new() -> None:
    cache, encoder = MemoryCache(max_bytes=1 << 20), Counter()
    texts = [f"word {number}" for number in range(100)]
    run_line(texts, cache, encoder)
    encoder.batches.clear()
    run_line([*texts, "one more"], cache, encoder)
    assert sum(encoder.batches) == 1


def test_without_a_cache_nothing_is_remembered() -> None:
    encoder = Counter()
    for _ in range(2):
        run_line(["a", "b"], None, encoder)
    assert sum(encoder.batches) == 4


def test_texts_of_like_length_meet_in_a_batch() -> None:
    encoder = Counter()
    batch = [record(row, text="a" * length) for row, length in enumerate([9, 1, 8, 2])]
    for one in batch:
        one.decoded = Letters().decode(one.item.text.encode())
    seen: list[list[int]] = []
    encoder.encode = lambda group: seen.append([len(g) for g in group]) or Counter().encode(group)
    Encode(encoder=encoder, batch_size=2, last=True)(batch)
    assert seen == [[1, 2], [8, 9]]


def test_a_line_that_wants_nothing_loads_no_model() -> None:
    encoder = Counter()
    line = Line(
        modality=encoder.modality, fetcher=Script({}), digests=no_digests(), cache=None, encoder=encoder,
        wanted=frozenset(),
    )  # fmt: skip
    assert [stage.name for stage in line.stages()] == ["fetch", "decode"]


def test_limits_have_defaults_that_let_ordinary_items_through() -> None:
    assert LimitSettings().max_pixels >= 50_000_000
