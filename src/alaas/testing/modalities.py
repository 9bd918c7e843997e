"""The contract suite of a modality: subclass ``ModalitySuite`` in your tests and say how to make one."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from alaas.errors import DecodeError
from alaas.modalities import Decoded, Modality
from alaas.testing.travel import sent
from alaas.types import Item

GARBAGE: Sequence[bytes] = (
    b"",
    b"\0",
    b" \r\n\t",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xff\xfe\0\xd8",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"\xff\xd8\xff" + b"\xff" * 64,
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff" * 32,
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"RIFF\x20\0\0\0WEBPVP8X" + b"\xff" * 64,
    b"GIF89a",
    b"GIF89a" + b"\xff" * 32,
    b"GIF89a\x01\0\x01\0\0\0\0" + b"!\xff" + b"\x01\0" * 64,
    b"BM",
    b"BM" + b"\0" * 64,
    b"BM" + b"\xff" * 128,
    b"II*\0" + b"\0" * 64,
    b"%PDF-1.7",
    b"<html><body>not found</body></html>",
    b"{",
    b"[1, 2]",
    b'"text"',
    b"null",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 10_000,
    b'{"a": ' + b"9" * 10_000 + b"}",
    b'{"a": [1], "b": {"c": 2}}',
    b"\xed\xa0\x80",
    b"a\0b",
    bytes(range(256)) * 8,
)
"""Bytes that some modality or other must refuse."""

_THREADS = 8


class ModalitySuite:
    """What every modality promises."""

    @abstractmethod
    def make(self) -> Modality:
        """A modality, prepared if it prepares; the same settings each time."""

    @abstractmethod
    def others(self) -> Sequence[Modality]:
        """Modalities of the same kind, each of other settings."""

    @abstractmethod
    def contents(self) -> Sequence[bytes]:
        """At least two different good items."""

    @abstractmethod
    def strangers(self) -> Sequence[Item]:
        """Items that carry something of another modality."""

    def test_it_survives_being_sent_to_another_process(self) -> None:
        modality = self.make()
        expected = [modality.decode(content) for content in self.contents()]
        arrived = sent(modality)
        assert arrived.fingerprint == modality.fingerprint
        for content, decoded in zip(self.contents(), expected, strict=True):
            np.testing.assert_array_equal(arrived.decode(content), decoded)

    @pytest.fixture
    def modality(self) -> Modality:
        """What ``make`` makes."""
        return self.make()

    def test_the_fingerprint_is_that_of_the_settings(self, modality: Modality) -> None:
        """The same for the same settings, another for every others."""
        assert modality.fingerprint == modality.fingerprint == self.make().fingerprint
        prints = [modality.fingerprint, *(other.fingerprint for other in self.others())]
        assert len(prints) > 1
        assert len(set(prints)) == len(prints)

    def test_decoding_is_deterministic(self, modality: Modality) -> None:
        """The same bytes give the same array, from this instance and from another."""
        twin = self.make()
        for content in self.contents():
            decoded = modality.decode(content)
            np.testing.assert_array_equal(decoded, modality.decode(content))
            np.testing.assert_array_equal(decoded, twin.decode(content))
            assert twin.decode(content).dtype == decoded.dtype

    def test_good_items_pass_the_check(self, modality: Modality) -> None:
        """Whether or not anything was decoded before."""
        for content in self.contents():
            modality.check(content)

    def test_many_threads_decode_at_once(self) -> None:
        """A fresh instance, so that whatever it loads is loaded in a race."""
        contents = list(self.contents()) * _THREADS
        expected = [self.make().decode(content) for content in self.contents()] * _THREADS
        modality = self.make()
        with ThreadPoolExecutor(_THREADS) as pool:
            for found, wanted in zip(pool.map(modality.decode, contents), expected, strict=True):
                np.testing.assert_array_equal(found, wanted)

    @pytest.mark.parametrize("content", GARBAGE, ids=lambda content: repr(content[:20]))
    def test_garbage_is_refused_in_one_sentence(self, modality: Modality, content: bytes) -> None:
        """``DecodeError`` and nothing else, unless it happens to be good."""
        self.refused_or_good(modality, content)

    def test_truncated_and_damaged_items_are_refused_or_decoded(self, modality: Modality) -> None:
        """Every kind of damage ends in an array or in ``DecodeError``."""
        rng = np.random.default_rng(0)
        for content in self.contents():
            for end in np.unique(np.linspace(0, len(content) - 1, 24).astype(int)):
                self.refused_or_good(modality, content[:end])
            for _ in range(24):
                damaged = np.frombuffer(content, dtype=np.uint8).copy()
                places = rng.integers(0, len(damaged), 1 + len(damaged) // 50)
                damaged[places] = rng.integers(0, 256, len(places))
                self.refused_or_good(modality, damaged.tobytes())
        self.refused_or_good(modality, os.urandom(512))

    def refused_or_good(self, modality: Modality, content: bytes) -> Decoded | None:
        """Decode; None if it was refused with a sentence. ``check`` refuses nothing that ``decode`` takes."""
        try:
            modality.check(content)
        except DecodeError:
            with pytest.raises(DecodeError):
                modality.decode(content)
        try:
            decoded = modality.decode(content)
        except DecodeError as error:
            message = error.message
        else:
            sample = modality.decode(self.contents()[0])
            assert (decoded.ndim, decoded.dtype) == (sample.ndim, sample.dtype)
            return decoded
        assert message.strip()
        assert "\n" not in message
        return None

    def test_batches_put_the_batch_first(self, modality: Modality) -> None:
        """Named, contiguous arrays, one row an item, for one item and for many."""
        decoded = [modality.decode(content) for content in self.contents()]
        for batch in (decoded[:1], decoded, decoded * 3):
            arrays = modality.collate(batch)
            assert arrays
            for array in arrays.values():
                assert len(array) == len(batch)
                assert array.flags.c_contiguous
                assert not any(np.shares_memory(array, one) for one in batch)

    def test_an_item_does_not_depend_on_its_batch(self, modality: Modality) -> None:
        """Items of one length give the same rows alone and together."""
        decoded = [modality.decode(content) for content in self.contents()]
        alone = [modality.collate([one]) for one in decoded]
        together = modality.collate(decoded)
        for row, single in enumerate(alone):
            for name, array in together.items():
                own = np.asarray(single[name][0])
                np.testing.assert_array_equal(
                    np.asarray(array[row])[tuple(slice(size) for size in own.shape)], own
                )

    def test_every_item_has_a_length(self, modality: Modality) -> None:
        """At least 1, so that the pipeline can sort by it."""
        assert all(modality.length(modality.decode(content)) >= 1 for content in self.contents())

    def test_items_of_another_modality_are_refused(self, modality: Modality) -> None:
        """With a sentence that says how to mend it; so is an item that carries nothing."""
        strangers = [*self.strangers(), Item(id="nothing")]
        assert len(strangers) > 1
        for item in strangers:
            with pytest.raises(DecodeError) as caught:
                modality.inline(item)
            assert caught.value.message
