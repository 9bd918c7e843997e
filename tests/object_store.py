"""A real S3 over HTTP: moto's server, and the environment that leads there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest


@contextlib.contextmanager
def object_store(patch: pytest.MonkeyPatch) -> Iterator[object]:
    """Yield a boto3-like client of the running store."""
    from botocore.session import get_session
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # What moto keeps belongs to the process, so another module's objects would still be there.
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield get_session().create_client("s3")
    finally:
        server.stop()
