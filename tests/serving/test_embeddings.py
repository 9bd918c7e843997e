"""all-MiniLM-L6-v2 behind a real /v1/embeddings gives what it gives here."""

import numpy as np
import pytest

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder, pull
from alaas.testing.remote_engines import unused_port
from serving.processes import HERE, python_of, running

pytestmark = [pytest.mark.external, pytest.mark.serving, pytest.mark.models]

TEXTS = [b"a good film", b"a dull book about films", "späte Blüten".encode(), b"one two three " * 200]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    python = python_of("EMBEDDINGS_PYTHON")
    port = unused_port()
    command = [python, str(HERE / "embeddings_server.py"), str(pull("minilm-l6")), str(port)]
    log = tmp_path_factory.mktemp("embeddings") / "log"
    with running(command, f"http://127.0.0.1:{port}/health", log):
        yield f"http://127.0.0.1:{port}"


def opened(**model):
    return open_encoder(ModelSettings.model_validate(model), modality="text", limits=LimitSettings())


@pytest.mark.parametrize("binary", [True, False])
def test_vectors_are_those_of_the_model_here(served, binary):
    engine = {"name": "embeddings_api", "url": served, "model": "minilm-l6", "binary": binary}
    there, here = opened(engine=engine), opened(name="minilm-l6")
    found, expected = (
        encoder.encode([encoder.modality.decode(text) for text in TEXTS]).embeddings
        for encoder in (there, here)
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)
