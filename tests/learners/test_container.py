"""Learners as bytes."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from alaas.errors import LearnerError
from alaas.learners import pack, unpack

KINDS = st.sampled_from(["<f4", "<f8", "<i8", "|u1", "|b1", ">f8"])
ARRAYS = KINDS.flatmap(lambda kind: arrays(kind, array_shapes(min_dims=0, min_side=0)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=5), ARRAYS, max_size=3))
def test_what_is_packed_comes_back(named):
    data = pack("test/1", {"names": ["ä", "b"], "n": 1}, named)
    about, found = unpack("test/1", data)
    assert about == {"names": ["ä", "b"], "n": 1}
    assert list(found) == list(named)
    for name, array in named.items():
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)
    assert pack("test/1", about, found) == data


def test_the_order_in_memory_does_not_matter():
    array = np.arange(12.0).reshape(3, 4)
    assert pack("t", {}, {"a": array}) == pack("t", {}, {"a": np.asfortranarray(array)})


def test_every_damaged_byte_is_noticed():
    data = pack("test/1", {"n": 1}, {"a": np.arange(3, dtype=np.float32)})
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        with pytest.raises(LearnerError):
            unpack("test/1", bytes(damaged))


def test_another_form_is_refused():
    with pytest.raises(LearnerError, match=r"of the form 'other/1', expected 'test/1'"):
        unpack("test/1", pack("other/1", {}, {}))


def test_a_header_that_promises_more_than_there_is_is_refused():
    data = bytearray(pack("t", {}, {"a": np.zeros(3)}))
    at = data.index(b"[3]")
    data[at : at + 3] = b"[9]"
    data[12:16] = zlib.crc32(data[16:]).to_bytes(4, "little")
    with pytest.raises(LearnerError, match="cut short"):
        unpack("t", bytes(data))


def test_objects_are_not_kept():
    with pytest.raises(LearnerError, match="'a' of a learner is of type object"):
        pack("t", {}, {"a": np.array([{}])})
