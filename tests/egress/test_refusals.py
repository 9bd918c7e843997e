"""What the guard refuses, whatever its spelling and whoever resolves it."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from alaas.errors import EgressError, FetchError
from scripted_server import answer, redirect, serving

CAP = 1000


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
        "0", "0.0.0.0", "localhost", "LOCALHOST.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "169.254.169.254", "10.0.0.1",
        "100.64.0.1", "192.168.1.1", "224.0.0.1", "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1",
    ],
)  # fmt: skip
def test_private_hosts_are_refused_in_every_spelling(host: str, open_egress) -> None:
    with serving({"/": answer(b"secret")}) as server, pytest.raises(EgressError, match="ALAAS_EGRESS_ALLOW"):
        open_egress().get(f"http://{host}:{server.port}/", max_bytes=CAP)
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a", "gopher://example.org/a", "//example.org/a", "example.org/a", "http:///a",
        "http://", "http://user@example.org/a", "http://user:word@example.org/a", "http://a b/",
        "http://example.org:99999/",
        "http://example.org:0/", "http://127%2e0.0.1/", "http://exa\nmple.org/", "http://example.org\\@10.0.0.1/",
        "http://[::1/", "http://[v1.x]/", "http://example.org/\r\nHost: other", "http://" + "a" * 70 + ".ü/",
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_read_are_refused(url: str, open_egress) -> None:
    def never(host: str, port: int):
        raise AssertionError("resolved")

    with pytest.raises(FetchError) as caught:
        open_egress(resolve=never).get(url, max_bytes=CAP)
    assert not caught.value.transient


def test_allow_opens_by_name_and_by_address(open_egress) -> None:
    with serving({"/": answer(b"open")}) as server:
        assert open_egress("127.0.0.1").get(f"{server.url}/", max_bytes=CAP) == b"open"
        assert open_egress(f"127.0.0.1:{server.port}").get(f"{server.url}/", max_bytes=CAP) == b"open"
        by_name = open_egress("store", resolve=lambda host, port: [ip_address("127.0.0.1")])
        assert by_name.get(f"http://store:{server.port}/", max_bytes=CAP) == b"open"
        with pytest.raises(EgressError):
            open_egress("127.0.0.1:1").get(f"{server.url}/", max_bytes=CAP)


def test_the_address_that_was_judged_is_the_one_that_is_dialled(open_egress) -> None:
    """A name that answers with a public address first and a private one after gains nothing."""
    asked = []

    def rebinding(host: str, port: int):
        asked.append(host)
        return [ip_address("192.0.2.1" if len(asked) % 2 else "127.0.0.1")]

    with serving({"/": answer(b"secret")}) as server:
        # 192.0.2.1 stands in for a public address: opened here, and nobody answers there.
        egress = open_egress("192.0.2.1", resolve=rebinding, connect_timeout=0.2, timeout=0.5)
        with pytest.raises(FetchError):
            egress.get(f"http://rebind.example:{server.port}/", max_bytes=CAP)
        assert asked == ["rebind.example"]
        with pytest.raises(EgressError):
            egress.get(f"http://rebind.example:{server.port}/", max_bytes=CAP)
        assert server.connections == 0


def test_of_several_addresses_only_permitted_ones_are_dialled(open_egress) -> None:
    with serving({"/": answer(b"open")}) as server:
        addresses = [ip_address("10.255.255.1"), ip_address("127.0.0.1")]
        egress = open_egress("127.0.0.1", resolve=lambda host, port: addresses, connect_timeout=0.5)
        assert egress.get(f"http://mixed.example:{server.port}/", max_bytes=CAP) == b"open"


@pytest.mark.parametrize(
    ("trouble", "transient"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "try again"), True),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), False),
        (UnicodeError("label too long"), False),
    ],
)
def test_hosts_that_do_not_resolve(trouble: Exception, transient: bool, open_egress) -> None:
    def fails(host: str, port: int):
        raise trouble

    with pytest.raises(FetchError, match="resolved") as caught:
        open_egress(resolve=fails).get("http://nowhere.example/", max_bytes=CAP)
    assert caught.value.transient is transient


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/", "http://localhost:1/", "//[::1]/x", "http://2130706433/"]
)
def test_a_redirect_to_a_private_address_is_refused(location: str, open_egress) -> None:
    with serving({"/": redirect(location)}) as server, pytest.raises(EgressError):
        open_egress(f"127.0.0.1:{server.port}").get(f"{server.url}/", max_bytes=CAP)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/", "http://user:word@example.org/"]
)
def test_a_redirect_to_another_scheme_or_with_a_password_is_refused(location: str, open_egress) -> None:
    with serving({"/": redirect(location)}) as server, pytest.raises(FetchError) as caught:
        open_egress("127.0.0.1").get(f"{server.url}/", max_bytes=CAP)
    assert not caught.value.transient


def test_redirects_are_followed_up_to_a_number(open_egress) -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(3)} | {
        "/3": answer(b"there"),
        "/loop": redirect("/loop"),
    }
    with serving(routes) as server:
        assert open_egress("127.0.0.1", max_redirects=3).get(f"{server.url}/0", max_bytes=CAP) == b"there"
        for start, most in (("/0", 2), ("/loop", 5)):
            with pytest.raises(FetchError, match="max_redirects"):
                open_egress("127.0.0.1", max_redirects=most).get(server.url + start, max_bytes=CAP)


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch, open_egress) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving({"/": answer(b"direct")}) as server:
        assert open_egress("127.0.0.1").get(f"{server.url}/", max_bytes=CAP) == b"direct"
