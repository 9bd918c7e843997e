"""Texts: tokens cut at the length asked for, batches padded to their longest."""

import codecs
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from alaas.config import LimitSettings
from alaas.errors import ConfigError, DecodeError, ModelError
from alaas.modalities.text import Text
from alaas.testing.modalities import ModalitySuite
from alaas.types import Item

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "a", "##ly", "##s", "b", "##a", "##b"]
IDS = {word: place for place, word in enumerate(WORDS)}
ALL_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def build_tokenizer():
    tokenizer = Tokenizer(models.WordPiece(IDS, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    build_tokenizer().save(str(path))
    return path


@pytest.fixture
def make(tokenizer_file):
    def make(max_length=8, limits=None, inputs=ALL_INPUTS, tokenizer=tokenizer_file):
        return Text(
            tokenizer=tokenizer, max_length=max_length, limits=limits or LimitSettings(), inputs=inputs
        )

    return make


class TestText(ModalitySuite):
    @pytest.fixture(autouse=True)
    def _own(self, make, tmp_path):
        self._make = make
        larger = build_tokenizer()
        larger.add_tokens(["excellent"])
        self._larger = tmp_path / "larger.json"
        larger.save(str(self._larger))

    def make(self):
        return self._make()

    def others(self):
        return [
            self._make(max_length=9),
            self._make(inputs=("input_ids",)),
            self._make(tokenizer=self._larger),
        ]

    def contents(self):
        return [b"good film", b"bad", b"a badly good film, badly good", "a film".encode("utf-16")]

    def strangers(self):
        return [Item(id="a", row={"a": 1})]


def test_tokens_are_those_of_the_tokenizer(make):
    ids = make().decode(b"Good films: badly!")
    assert ids.dtype == np.int64
    assert [WORDS[place] for place in ids] == [
        "[CLS]",
        "good",
        "film",
        "##s",
        "[UNK]",
        "bad",
        "##ly",
        "[SEP]",
    ]


def test_long_texts_are_cut_and_still_end_as_the_model_expects(make):
    ids = make(max_length=5).decode(b"good bad good bad good bad")
    assert [WORDS[place] for place in ids] == ["[CLS]", "good", "bad", "good", "[SEP]"]
    assert make().length(ids) == 5


def test_batches_are_padded_to_their_longest(make):
    modality = make()
    arrays = modality.collate([modality.decode(b"good"), modality.decode(b"good bad film")])
    assert list(arrays) == list(ALL_INPUTS)
    assert arrays["input_ids"].tolist() == [[2, 4, 3, 0, 0], [2, 4, 5, 6, 3]]
    assert arrays["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert arrays["token_type_ids"].tolist() == [[0] * 5] * 2
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.int64)}
    assert list(make(inputs=("input_ids",)).collate([modality.decode(b"good")])) == ["input_ids"]


def test_padding_and_cutting_written_in_the_file_do_not_matter_but_its_pad_token_does(make, tmp_path):
    tokenizer = build_tokenizer()
    tokenizer.enable_padding(pad_id=9, pad_token="##s", length=64)
    tokenizer.enable_truncation(3, direction="left")
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    modality = make(tokenizer=path)
    batch = [modality.decode(b"good bad film"), modality.decode(b"good")]
    assert modality.collate(batch)["input_ids"].tolist() == [[2, 4, 5, 6, 3], [2, 4, 3, 9, 9]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(make, encoding):
    assert make().decode("good film".encode(encoding)).tolist() == [2, 4, 6, 3]


@pytest.mark.parametrize(
    ("mark", "encoding"), [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")]
)
def test_big_endian_marks_are_understood(make, mark, encoding):
    assert make().decode(mark + "good film".encode(encoding)).tolist() == [2, 4, 6, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty text: 0 bytes"),
        (b" \n\t", "3 bytes of white space"),
        (b"good\xff", r"not text in UTF-8: b'\\xff' at byte 4"),
        (codecs.BOM_UTF16_LE + b"a", "not text in UTF-16"),
        ("good".encode("utf-16-le"), "NUL bytes"),
        (b"\x89PNG\r\n\x1a\n", "not text in UTF-8"),
    ],
)
def test_what_is_no_text_is_named(make, content, words):
    with pytest.raises(DecodeError, match=words):
        make().decode(content)


def test_a_text_without_a_single_token_is_refused(make, tmp_path):
    tokenizer = Tokenizer(models.WordPiece(IDS, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    with pytest.raises(DecodeError, match="a text without tokens"):
        make(tokenizer=path).decode("\u200b\u200b".encode())


def test_the_byte_cap_is_exact(make):
    make(limits=LimitSettings(max_item_bytes=4)).decode(b"good")
    with pytest.raises(DecodeError, match="5 bytes, more than the 4"):
        make(limits=LimitSettings(max_item_bytes=4)).decode(b"good ")


def test_inline_text_is_the_same_item_as_a_file_of_it(make):
    modality = make()
    assert modality.inline(Item(id="a", text="gööd")) == "gööd".encode()
    assert modality.inline(Item(id="a", content=b"good")) == b"good"
    assert modality.inline(Item(id="a", uri="a.txt")) is None
    with pytest.raises(DecodeError, match="surrogate"):
        modality.inline(Item(id="a", text="a\ud800"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["good", "badly", "films", "x" * 300, "ab" * 40, " " * 900]), min_size=1),
    st.integers(3, 40),
    st.integers(0, 40_000),
    st.sampled_from([" ", "", "\n"]),
)
def test_looking_at_the_start_of_a_long_text_is_enough(tokenizer_file, words, max_length, size, gap):
    text = (gap.join(words) + gap) * (1 + size // (1 + len(gap.join(words))))
    reference = build_tokenizer()
    reference.enable_truncation(max_length)
    modality = Text(tokenizer=tokenizer_file, max_length=max_length, limits=LimitSettings())
    if text.strip():
        assert modality.decode(text.encode()).tolist() == reference.encode(text).ids


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_a_missing_or_broken_tokenizer_is_an_error_of_the_model(make, tmp_path, content):
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        make(tokenizer=path).decode(b"good")


def test_the_tokenizer_is_not_read_before_it_is_needed(make, tmp_path):
    modality = make(tokenizer=tmp_path / "later.json")
    assert modality.inline(Item(id="a", text="good")) == b"good"
    modality.check(b"good")
    with pytest.raises(DecodeError, match="white space"):
        modality.check(b" ")


def test_settings_that_cannot_work_are_refused(make):
    with pytest.raises(ConfigError, match="position_ids"):
        make(inputs=("input_ids", "position_ids"))
    with pytest.raises(ConfigError, match="adds 2 tokens of its own; set it to 3 or more"):
        make(max_length=2).decode(b"good")


COUNT_THREADS = """
import sys, time, pathlib, psutil, tokenizers
from alaas.config import LimitSettings
from alaas.modalities.text import Text
modality = Text(tokenizer=pathlib.Path(sys.argv[1]), max_length=64, limits=LimitSettings())
before = psutil.Process().num_threads()
modality.decode(b"good bad films " * 2000)
time.sleep(0.1)
print(psutil.Process().num_threads() - before)
"""


def test_tokenising_starts_no_threads(tokenizer_file):
    environment = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    command = [sys.executable, "-c", COUNT_THREADS, str(tokenizer_file)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "0"
