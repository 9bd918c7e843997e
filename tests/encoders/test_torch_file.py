"""The reader of torch's old files: tensors come out, and nothing that the file says is run."""

import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.encoders._torch_file import read_state_dict
from alaas.errors import ModelError

MAGIC = 0x1950A86A20F9469CFC6C


class Tensor:
    def __init__(self, key, values, offset=0, shape=None, stride=None):
        self.key, self.values, self.offset = key, values, offset
        self.shape = values.shape if shape is None else shape
        self.stride = tuple(s // values.itemsize for s in values.strides) if stride is None else stride


def integer(number):
    return b"J" + struct.pack("<i", number)


def numbers(values):
    return b"(" + b"".join(integer(value) for value in values) + b"t"


def word(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def pickled_tensor(tensor):
    kinds = {"float32": "FloatStorage", "float64": "DoubleStorage", "int64": "LongStorage"}
    kind = b"ctorch\n" + kinds[str(tensor.values.dtype)].encode() + b"\n"
    storage = (
        b"(" + word("storage") + kind + word(tensor.key) + word("cpu") + integer(tensor.values.size) + b"Nt"
    )
    arguments = storage + b"Q" + integer(tensor.offset) + numbers(tensor.shape) + numbers(tensor.stride)
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + arguments + b"\x89N" + b"tR"


def pickled_state(tensors):
    items = b"".join(word(name) + pickled_tensor(tensor) for name, tensor in tensors.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u."


def write(path, tensors, *, state=None, magic=MAGIC, count=None):
    """Write a file as torch did before version 1.6."""
    keys = list(OrderedDict.fromkeys(tensor.key for tensor in tensors.values()))
    parts = [pickle.dumps(magic, 2), pickle.dumps(1001, 2), pickle.dumps({"little_endian": True}, 2)]
    parts += [pickled_state(tensors) if state is None else state, pickle.dumps(keys, 2)]
    values = {tensor.key: tensor.values for tensor in tensors.values()}
    for key in keys:
        size = values[key].size if count is None else count
        parts.append(struct.pack("<q", size) + values[key].tobytes())
    path.write_bytes(b"".join(parts))
    return path


@settings(max_examples=40, deadline=None)
@given(
    shapes=st.lists(st.lists(st.integers(1, 5), max_size=4).map(tuple), min_size=1, max_size=4),
    dtype=st.sampled_from(["float32", "float64", "int64"]),
)
def test_tensors_of_every_shape_and_type_come_out_as_they_went_in(tmp_path_factory, shapes, dtype):
    rng = np.random.default_rng(0)
    arrays = {f"t{i}": (rng.normal(size=shape) * 100).astype(dtype) for i, shape in enumerate(shapes)}
    tensors = {name: Tensor(name, np.asarray(array)) for name, array in arrays.items()}
    found = read_state_dict(write(tmp_path_factory.mktemp("t") / "m.pth", tensors))
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_views_share_a_storage(tmp_path):
    values = np.arange(12, dtype=np.float32)
    tensors = {
        "transposed": Tensor("s", values, shape=(4, 3), stride=(1, 4)),
        "tail": Tensor("s", values, offset=8, shape=(4,), stride=(1,)),
    }
    found = read_state_dict(write(tmp_path / "m.pth", tensors))
    np.testing.assert_array_equal(found["transposed"], values.reshape(3, 4).T)
    np.testing.assert_array_equal(found["tail"], values[8:])


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [
        (0, (13,), (1,)),
        (8, (5,), (1,)),
        (-1, (4,), (1,)),
        (0, (2, 2), (100, 1)),
        (4, (2,), (-1,)),
        (0, (0,), (1,)),
    ],
)
def test_a_tensor_beyond_its_storage_is_refused(tmp_path, offset, shape, stride):
    values = np.arange(12, dtype=np.float32)
    path = write(tmp_path / "m.pth", {"t": Tensor("s", values, offset=offset, shape=shape, stride=stride)})
    with pytest.raises(ModelError, match="does not fit its storage"):
        read_state_dict(path)


@pytest.mark.parametrize(
    "call",
    [
        b"cos\nsystem\n(" + word("touch {mark}") + b"tR.",
        b"cbuiltins\neval\n(" + word("open('{mark}', 'w')") + b"tR.",
        b"cbuiltins\ngetattr\n(ccollections\nOrderedDict\n" + word("fromkeys") + b"tR.",
        b"ctorch\nload\n(" + word("{mark}") + b"tR.",
        b"cnumpy\nload\n(" + word("{mark}") + b"tR.",
    ],
)
def test_a_file_that_names_anything_else_is_refused_before_it_runs(tmp_path, call):
    mark = tmp_path / "ran"
    # The length stands before the word, so the replacement keeps it.
    text = str(mark).encode()
    state = b"\x80\x02" + call.replace(b"{mark}", text) if b"{mark}" not in call else None
    if state is None:
        start, _, end = call.partition(b"X")
        (size,) = struct.unpack("<I", end[:4])
        argument = end[4 : 4 + size].replace(b"{mark}", text)
        state = b"\x80\x02" + start + word(argument.decode()) + end[4 + size :]
    with pytest.raises(ModelError, match="which a file of weights has no need of"):
        read_state_dict(write(tmp_path / "m.pth", {}, state=state))
    assert not mark.exists()


def test_other_formats_and_damage_are_model_errors(tmp_path):
    good = {"t": Tensor("s", np.arange(12, dtype=np.float32))}
    whole = write(tmp_path / "m.pth", good).read_bytes()
    for content in (b"", b"PK\x03\x04", b"text", whole[:20], whole[:-4], whole[: len(whole) // 2]):
        (tmp_path / "bad.pth").write_bytes(content)
        with pytest.raises(ModelError, match=r"bad\.pth"):
            read_state_dict(tmp_path / "bad.pth")
    with pytest.raises(ModelError, match="old format"):
        read_state_dict(write(tmp_path / "m.pth", good, magic=7))
    with pytest.raises(ModelError, match="11 values, 12 were announced"):
        read_state_dict(write(tmp_path / "m.pth", good, count=11))
    with pytest.raises(ModelError, match=r"absent\.pth"):
        read_state_dict(tmp_path / "absent.pth")


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_bytes_never_raise_anything_else(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    whole = bytearray(
        write(folder / "m.pth", {"t": Tensor("s", np.arange(6, dtype=np.float32))}).read_bytes()
    )
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (folder / "m.pth").write_bytes(bytes(whole))
    try:
        found = read_state_dict(folder / "m.pth")
    except ModelError:
        return
    assert all(array.size for array in found.values())
