"""Arrays as the Open Inference Protocol carries them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from alaas.engines._open_inference._datatypes import (
    dtype_of,
    fitted,
    from_bytes,
    from_list,
    to_bytes,
    to_list,
)
from alaas.errors import ModelError

NUMBERS = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
NUMBERS += ["float16", "float32", "float64"]
SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)


@given(st.data())
def test_numbers_come_back_as_they_went(data):
    dtype = data.draw(st.sampled_from(NUMBERS))
    floats = {"allow_nan": False, "allow_infinity": False} if dtype.startswith("float") else {}
    elements = arrays.from_dtype(np.dtype(dtype), **floats)
    array = data.draw(arrays.arrays(dtype, SHAPES, elements=elements))
    datatype, sent = fitted(array.T, dtype)
    assert dtype_of(datatype) == dtype
    assert sent.T is array or np.array_equal(sent.T, array)
    for found in (
        from_bytes(datatype, sent.shape, to_bytes(datatype, sent)),
        from_list(datatype, sent.shape, to_list(datatype, sent)),
    ):
        np.testing.assert_array_equal(found, array.T)
        assert found.dtype == array.dtype


@given(arrays.arrays(np.float32, 8, elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_bfloat16_is_the_nearest(array):
    datatype, sent = fitted(array, "bfloat16")
    found = from_bytes(datatype, sent.shape, to_bytes(datatype, sent))
    assert datatype == "BF16"
    assert np.all(np.abs(found - array) <= np.abs(array) * 2**-8 + 1e-38)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_texts_come_back_as_they_went(texts):
    array = np.array([*texts, ""], dtype=object)[:-1, None]
    found = from_bytes("BYTES", array.shape, to_bytes("BYTES", array))
    assert found.tolist() == array.tolist()


@given(st.binary(max_size=40), st.integers(0, 5))
def test_any_bytes_make_texts_or_are_refused(content, count):
    try:
        found = from_bytes("BYTES", (count,), memoryview(content))
    except ModelError:
        return
    assert found.shape == (count,)


@pytest.mark.parametrize(("sent", "wanted", "datatype"), [
    ("float32", "float16", "FP16"),
    ("float64", "float32", "FP32"),
    ("int64", "int32", "INT32"),
    ("uint8", "float32", "UINT8"),
    ("float32", "uint8", "FP32"),
])  # fmt: skip
def test_a_number_becomes_the_models_kind_within_its_family(sent, wanted, datatype):
    assert fitted(np.ones(3, sent), wanted)[0] == datatype


def test_a_number_is_not_copied_on_its_way_out():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.shares_memory(np.frombuffer(to_bytes("FP32", array), np.uint8), array)


def test_an_array_that_is_nothing_for_a_server_is_refused():
    with pytest.raises(ModelError, match="complex"):
        fitted(np.ones(2, complex), "float32")
