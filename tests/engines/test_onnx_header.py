"""The header reader against the onnx package, and against bytes that are not ONNX."""

import contextlib

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from alaas.engines import read_onnx_header
from alaas.errors import ModelError
from alaas.testing.models import write_image_model, write_onnx, write_text_model


@pytest.mark.parametrize("write", [write_image_model, write_text_model])
def test_it_reads_what_the_onnx_package_reads(tmp_path, write):
    path = write(tmp_path / "model.onnx")
    header = read_onnx_header(path)
    graph = onnx.load(str(path)).graph
    for specs, values in ((header.inputs, graph.input), (header.outputs, graph.output)):
        assert [spec.name for spec in specs] == [value.name for value in values]
        for spec, value in zip(specs, values, strict=True):
            tensor = value.type.tensor_type
            assert np.dtype(spec.dtype) == helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            assert spec.shape == tuple(d.dim_param or d.dim_value for d in tensor.shape.dim)


def test_weights_among_the_inputs_are_no_inputs(tmp_path):
    path = write_image_model(tmp_path / "model.onnx")
    model = onnx.load(str(path))
    model.graph.input.append(helper.make_tensor_value_info("weight", TensorProto.FLOAT, [3, 3]))
    path.write_bytes(model.SerializeToString())
    assert [spec.name for spec in read_onnx_header(path).inputs] == ["images"]


def test_a_free_dimension_without_a_name_is_none(tmp_path):
    node = helper.make_node("Identity", ["x"], ["y"])
    path = write_onnx(
        tmp_path / "m.onnx", nodes=[node], inputs={"x": ("float32", (None, 4))}, outputs={"y": (None, 4)}
    )
    assert read_onnx_header(path).inputs[0].shape == (None, 4)


@pytest.mark.parametrize(("dtype", "precision"), [("float32", "fp32"), ("float16", "fp16")])
def test_precision_is_that_of_most_weights(tmp_path, dtype, precision):
    cast = helper.make_node("Cast", ["weight"], ["wide"], to=TensorProto.FLOAT)
    add = helper.make_node("Add", ["x", "wide"], ["y"])
    path = write_onnx(
        tmp_path / "m.onnx",
        nodes=[cast, add],
        inputs={"x": ("float32", ("n", 64))},
        outputs={"y": ("n", 64)},
        weights={"weight": np.ones(64, dtype), "small": np.ones(1, np.float32)},
    )
    assert read_onnx_header(path).precision == precision


def test_integer_arithmetic_is_int8(tmp_path):
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
    ]
    path = write_onnx(
        tmp_path / "m.onnx", nodes=nodes, inputs={"x": ("float32", ("n", 4))}, outputs={"y": ("n", 4)}
    )
    assert read_onnx_header(path).precision == "int8"


def test_every_file_of_weights_is_named(tmp_path):
    path = write_image_model(tmp_path / "model.onnx", beside="weights.bin")
    assert read_onnx_header(path).external == ("weights.bin",)


def whole_model():
    weight = numpy_helper.from_array(np.ones((2, 2), np.float32), "w")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [x], [y], [weight])
    return helper.make_model(graph).SerializeToString()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_a_model_error_or_a_header(tmp_path_factory, data):
    whole = bytearray(whole_model())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "m.onnx"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    with contextlib.suppress(ModelError):
        assert read_onnx_header(path).outputs


def test_graphs_nested_without_end_are_refused(tmp_path):
    def varint(number):
        out = b""
        while number > 127:
            out += bytes([number & 127 | 128])
            number >>= 7
        return out + bytes([number])

    def field(number, content):
        return varint(number << 3 | 2) + varint(len(content)) + content

    graph = b""
    for _ in range(3000):
        graph = field(1, field(5, field(6, graph)))  # node, attribute, graph
    (tmp_path / "deep.onnx").write_bytes(field(7, graph))
    with pytest.raises(ModelError, match="nested"):
        read_onnx_header(tmp_path / "deep.onnx")
