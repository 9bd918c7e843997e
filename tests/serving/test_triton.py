"""A real Triton under the contract of remote engines, over HTTP and gRPC."""

import subprocess
from typing import ClassVar

import numpy as np
import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ModelError
from alaas.testing.remote_engines import RemoteEngineSuite, unused_port
from serving.processes import HERE, python_of, running

pytestmark = [pytest.mark.external, pytest.mark.serving]


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    """The ports of HTTP and gRPC."""
    python = python_of("TRITON_PYTHON")
    ask = "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))"
    libraries = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    http, grpc, metrics = (unused_port() for _ in range(3))
    command = [python, str(HERE / "triton_server.py"), str(http), str(grpc), str(metrics)]
    address = f"http://127.0.0.1:{http}/v2/models/reverse/ready"
    log = tmp_path_factory.mktemp("triton") / "log"
    with running(command, address, log, LD_LIBRARY_PATH=libraries):
        yield {"http": http, "grpc": grpc}


class OverTriton(RemoteEngineSuite):
    settings: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _server(self, triton):
        self.ports = triton

    def make(self, **settings):
        given = {"name": "open_inference", "model": "small", "timeout": 20, **self.settings, **settings}
        port = self.ports[given.get("protocol", "http")]
        return open_engine(EngineSettings.model_validate({"url": f"http://127.0.0.1:{port}", **given}))


class TestOverHttp(OverTriton):
    def test_it_says_what_runs_the_model(self):
        assert "small 1 python" in self.make().identity()

    def test_a_batch_of_another_shape_is_refused_with_tritons_words(self):
        with pytest.raises(ModelError, match=r"unexpected shape.*\[-1,3,8,8\]"):
            self.make().connect().run({"images": np.zeros((2, 3, 8, 7), np.float32)})

    def test_a_batch_larger_than_tritons_is_cut(self):
        batch = self.batch(11)
        self.check(self.make().connect().run(batch), batch)

    @pytest.mark.parametrize("protocol", ["http", "grpc"])
    def test_texts_travel(self, protocol):
        texts = np.array([["späte Blüten"], [""], ["日本"]], dtype=object)
        found = self.make(model="reverse", protocol=protocol).connect().run({"words": texts})["back"]
        assert found[:, 0].tolist() == [text[::-1] for text in texts[:, 0]]


class TestOverHttpAsJson(OverTriton):
    settings: ClassVar[dict] = {"binary": False}


class TestOverGrpc(OverTriton):
    settings: ClassVar[dict] = {"protocol": "grpc"}
