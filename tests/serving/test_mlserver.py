"""A real MLServer under the contract of remote engines: JSON over HTTP, and gRPC."""

from pathlib import Path
from typing import ClassVar

import pytest

from alaas.config import EngineSettings
from alaas.engines import open_engine
from alaas.errors import ModelError
from alaas.testing.remote_engines import RemoteEngineSuite, unused_port
from serving.processes import HERE, python_of, running

pytestmark = [pytest.mark.external, pytest.mark.serving]


@pytest.fixture(scope="module")
def mlserver(tmp_path_factory):
    """The ports of HTTP and gRPC."""
    command = [str(Path(python_of("MLSERVER_PYTHON")).with_name("mlserver")), "start", "."]
    http, grpc, metrics = (unused_port() for _ in range(3))
    environment = {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(http),
        "MLSERVER_GRPC_PORT": str(grpc),
        "MLSERVER_METRICS_PORT": str(metrics),
        "MLSERVER_PARALLEL_WORKERS": "0",
    }
    address = f"http://127.0.0.1:{http}/v2/models/small/ready"
    log = tmp_path_factory.mktemp("mlserver") / "log"
    with running(command, address, log, cwd=HERE / "mlserver_model", **environment):
        yield {"http": http, "grpc": grpc}


class OverMLServer(RemoteEngineSuite):
    settings: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _server(self, mlserver):
        self.ports = mlserver

    def make(self, **settings):
        given = {"name": "open_inference", "model": "small", "timeout": 20, **self.settings, **settings}
        port = self.ports[given.get("protocol", "http")]
        return open_engine(EngineSettings.model_validate({"url": f"http://127.0.0.1:{port}", **given}))


class TestOverHttp(OverMLServer):
    settings: ClassVar[dict] = {"binary": False}

    def test_tensors_as_bytes_are_refused_with_the_setting_to_change(self):
        with pytest.raises(ModelError, match=r"model\.engine\.binary: false"):
            self.make(binary=True).connect().run(self.batch(2))


class TestOverGrpc(OverMLServer):
    settings: ClassVar[dict] = {"protocol": "grpc"}
