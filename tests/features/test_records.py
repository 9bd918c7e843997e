"""Records: every float array survives to the last bit, and nothing damaged passes for whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from alaas.errors import UsageError
from alaas.features._record import decode, encode
from alaas.features.memory import MemoryCache
from alaas.testing.features import features_of, key_of, same
from alaas.types import Features

KEY = key_of("any")


@st.composite
def arrays(draw: st.DrawFn) -> NDArray[np.floating]:
    """Any bits at all, among them infinities and NaNs with a payload; also empty, strided and big-endian."""
    width = draw(st.sampled_from([2, 4, 8]))
    shape = draw(npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
    bits = draw(npst.arrays(np.dtype(f"u{width}"), shape))
    order = draw(st.sampled_from("<>"))
    floats = bits.astype(bits.dtype.newbyteorder(order)).view(np.dtype(f"{order}f{width}"))
    return floats.T if draw(st.booleans()) else floats


def bits(array: NDArray[np.floating] | None) -> object:
    if array is None:
        return None
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return array.shape, array.dtype.itemsize, little.tobytes()


@given(st.none() | arrays(), st.none() | arrays(), st.integers(0, 3))
def test_a_record_round_trips_wherever_it_stands(embeddings, probs, before):
    data = encode(KEY, Features(embeddings=embeddings, probs=probs))
    assert len(data) % 8 == 0
    found = decode(bytes(8 * before) + data + b"what follows", 8 * before, len(data), KEY)
    assert found is not None
    assert bits(found.embeddings) == bits(embeddings)
    assert bits(found.probs) == bits(probs)
    for array in (found.embeddings, found.probs):
        assert array is None or (not array.flags.writeable and array.flags.aligned)


@given(st.none() | arrays(), st.none() | arrays())
def test_the_memory_cache_gives_back_the_same_bits(embeddings, probs):
    cache = MemoryCache(max_bytes=10**6)
    cache.put([(KEY, Features(embeddings=embeddings, probs=probs))])
    (found,) = cache.get([KEY])
    assert found is not None
    assert same(found.embeddings, embeddings)
    assert same(found.probs, probs)


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data):
    record = bytearray(encode(KEY, features_of(KEY)))
    position = data.draw(st.integers(0, len(record) - 1))
    record[position] ^= 1 << data.draw(st.integers(0, 7))
    assert decode(bytes(record), 0, len(record), KEY) is None


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_record_cut_short_or_looked_for_elsewhere_is_none(start, length):
    record = encode(KEY, features_of(KEY))
    found = decode(record, start, length, KEY)
    assert (found is not None) == (start == 0 and length == len(record))


def test_another_keys_record_is_none():
    record = encode(KEY, features_of(KEY))
    assert decode(record, 0, len(record), key_of("other")) is None


@pytest.mark.parametrize("array", [np.arange(3), np.array(["a"]), np.array([1j]), np.array([True])])
def test_what_is_not_a_float_is_refused(array):
    with pytest.raises(UsageError, match=r"embeddings must be float16, float32 or float64"):
        encode(KEY, Features(embeddings=array))


def test_a_key_of_another_length_is_refused():
    with pytest.raises(UsageError, match="32 bytes, got 3"):
        encode(b"abc", Features())
