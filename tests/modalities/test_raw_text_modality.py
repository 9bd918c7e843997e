"""Texts that pass through: a server has the tokenizer."""

import pytest

from alaas.config import LimitSettings
from alaas.errors import DecodeError
from alaas.modalities.raw_text import RawText
from alaas.testing.modalities import ModalitySuite
from alaas.types import Item


def make(**settings):
    return RawText(**{"limits": LimitSettings(), "input_name": "input", **settings})


class TestRawText(ModalitySuite):
    def make(self):
        return make()

    def others(self):
        return [make(input_name="words")]

    def contents(self):
        return [b"a good film", "späte Blüten 日本".encode(), "two words".encode("utf-16")]

    def strangers(self):
        return [Item(id="1", row={"a": "1"})]


@pytest.mark.parametrize(("column", "shape"), [(False, (2,)), (True, (2, 1))])
def test_texts_come_out_as_they_went_in(column, shape):
    modality = make(column=column)
    texts = ["späte Blüten", "日本\n"]
    batch = modality.collate([modality.decode(text.encode()) for text in texts])["input"]
    assert batch.shape == shape
    assert batch.reshape(-1).tolist() == texts
    assert all(isinstance(text, str) for text in batch.reshape(-1))


def test_long_texts_are_told_from_short_ones():
    modality = make()
    assert modality.length(modality.decode(b"long text")) > modality.length(modality.decode(b"text"))


def test_the_example_is_a_text():
    assert make().collate([make().example()])["input"][0].strip()


def test_a_text_beyond_the_limits_is_refused():
    with pytest.raises(DecodeError, match="max_item_bytes"):
        make(limits=LimitSettings(max_item_bytes=3)).decode(b"four")
