"""Certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from alaas.errors import EgressError, FetchError
from certificates import write_certificate
from scripted_server import ScriptedServer, answer, drip, redirect, serving

CAP = 1000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody signed but its owner."""
    return write_certificate(tmp_path_factory.mktemp("tls") / "both.pem")


@pytest.fixture
def server(certificate: Path) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    routes = {
        "/": answer(b"secret"),
        "/down": redirect("http://127.0.0.1:1/"),
        "/drip": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"x"),
    }
    with serving(routes, tls=context) as running:
        yield running


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_a_certificate_that_the_system_does_not_trust_is_refused(server: ScriptedServer, open_egress) -> None:
    with pytest.raises(FetchError, match="certificate") as caught:
        open_egress("127.0.0.1").get(f"{server.url}/", max_bytes=CAP)
    assert not caught.value.transient
    assert server.requests == []


def test_a_trusted_certificate_of_another_host_is_refused(
    server: ScriptedServer, trusting, open_egress
) -> None:
    egress = open_egress("127.0.0.1", tls=trusting, resolve=lambda host, port: [ip_address("127.0.0.1")])
    with pytest.raises(FetchError, match="certificate"):
        egress.get(f"https://other.example:{server.port}/", max_bytes=CAP)


def test_a_trusted_certificate_is_accepted_and_the_connection_kept(
    server: ScriptedServer, trusting, open_egress
) -> None:
    egress = open_egress("127.0.0.1", tls=trusting)
    for _ in range(3):
        assert egress.get(f"{server.url}/", max_bytes=CAP) == b"secret"
    assert server.connections == 1


def test_a_redirect_away_from_https_is_refused(server: ScriptedServer, trusting, open_egress) -> None:
    with pytest.raises(EgressError, match="not encrypted"):
        open_egress("127.0.0.1", tls=trusting).get(f"{server.url}/down", max_bytes=CAP)


def test_a_drip_over_tls_ends_at_the_deadline(server: ScriptedServer, trusting, open_egress) -> None:
    with pytest.raises(FetchError) as caught:
        open_egress("127.0.0.1", tls=trusting, timeout=0.4).get(f"{server.url}/drip", max_bytes=CAP)
    assert caught.value.transient


def test_a_plain_server_behind_https_is_a_fetch_error(open_egress, trusting) -> None:
    with serving({"/": answer(b"x")}) as plain, pytest.raises(FetchError):
        open_egress("127.0.0.1", tls=trusting, timeout=1).get(
            f"https://127.0.0.1:{plain.port}/", max_bytes=CAP
        )
