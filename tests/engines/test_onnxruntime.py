"""ONNX Runtime under the contract of every engine, and what it refuses to open."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from alaas.engines import open_engine
from alaas.engines.onnxruntime import Onnxruntime
from alaas.errors import ModelError, UnknownNameError
from alaas.testing.engines import EngineSuite
from alaas.testing.models import write_image_model


class TestOnnxruntime(EngineSuite):
    def make(self):
        return Onnxruntime()


class TestOnnxruntimeWithTwoThreads(EngineSuite):
    def make(self):
        return open_engine("onnxruntime", threads=2)


def images(count=1):
    return {"images": np.ones((count, 3, 8, 8), np.float32)}


def move_weights(path, location):
    """Let the model say that its weights lie at ``location``."""
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    path.write_bytes(model.SerializeToString())


def test_weights_beside_the_model_are_welcome(tmp_path):
    path = write_image_model(tmp_path / "model.onnx", beside="weights.bin")
    assert (tmp_path / "weights.bin").is_file()
    loaded = Onnxruntime().load(path)
    np.testing.assert_allclose(
        loaded.run(images())["logits"],
        Onnxruntime().load(write_image_model(tmp_path / "one.onnx")).run(images())["logits"],
    )


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname", "deep/../../secret.bin", ""])
def test_weights_outside_the_folder_are_refused(tmp_path, location):
    folder = tmp_path / "model"
    path = write_image_model(folder / "model.onnx", beside="weights.bin")
    (folder / "weights.bin").rename(tmp_path / "secret.bin")
    move_weights(path, location)
    with pytest.raises(ModelError, match="outside its own folder"):
        Onnxruntime().load(path)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "model"
    path = write_image_model(folder / "model.onnx", beside="weights.bin")
    (folder / "weights.bin").rename(tmp_path / "secret.bin")
    (folder / "weights.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(ModelError, match="outside its own folder"):
        Onnxruntime().load(path)


def test_missing_weights_are_named(tmp_path):
    path = write_image_model(tmp_path / "model.onnx", beside="weights.bin")
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(ModelError, match=r"weights\.bin.*missing"):
        Onnxruntime().load(path)


def test_weights_hidden_in_an_inner_graph_are_found(tmp_path):
    """A branch of an ``If`` holds a constant whose bytes would come from another file."""
    hidden = helper.make_tensor("hidden", TensorProto.FLOAT, [1], b"\0\0\0\0", raw=True)
    hidden.ClearField("raw_data")
    hidden.data_location = TensorProto.EXTERNAL
    entry = hidden.external_data.add()
    entry.key, entry.value = "location", "../secret.bin"
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    branch = helper.make_graph([helper.make_node("Constant", [], ["y"], value=hidden)], "branch", [], [value])
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
    choice = helper.make_node("If", ["flag"], ["y"], then_branch=branch, else_branch=branch)
    graph = helper.make_graph([choice], "outer", [flag], [value])
    path = tmp_path / "model.onnx"
    path.write_bytes(helper.make_model(graph, ir_version=9).SerializeToString())
    with pytest.raises(ModelError, match="outside its own folder"):
        Onnxruntime().load(path)


def test_a_wrong_type_is_refused_with_both_types(tmp_path):
    loaded = Onnxruntime().load(write_image_model(tmp_path / "model.onnx"))
    with pytest.raises(ModelError, match="uint8") as caught:
        loaded.run({"images": np.ones((1, 3, 8, 8), np.uint8)})
    assert "float32" in caught.value.message


def test_an_unknown_engine_names_the_nearest():
    with pytest.raises(UnknownNameError, match="onnxruntime"):
        open_engine("onnx-runtim")


def test_naming_the_engine_does_not_import_the_library():
    code = (
        "import sys; from alaas.engines import open_engine; open_engine('onnxruntime').info; "
        "sys.exit('onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
