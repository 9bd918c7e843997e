"""Which addresses are dialled."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaas.egress import AddressPolicy
from alaas.egress._policy import is_global
from alaas.errors import ConfigError

INSIDE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/29", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::/128", "::1/128", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32",
    "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e"]


@st.composite
def inside(draw: st.DrawFn):
    network = ip_network(draw(st.sampled_from(INSIDE)))
    return network[draw(st.integers(0, network.num_addresses - 1))]


@given(inside())
def test_no_address_inside_is_global(address) -> None:
    assert not is_global(address)
    assert not AddressPolicy().permits("host", 80, address)
    if address.version == 4:
        assert not is_global(IPv6Address(f"::ffff:{address}"))


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_are_global(text: str) -> None:
    assert is_global(ip_address(text))
    assert AddressPolicy().permits("host", 80, ip_address(text))


def test_a_link_local_address_with_a_scope_is_refused() -> None:
    assert not is_global(ip_address("fe80::1%eth0"))


@given(inside(), st.integers(1, 65535))
def test_a_named_network_opens_its_addresses_and_no_others(address, port: int) -> None:
    policy = AddressPolicy.parse([f"{address}/{address.max_prefixlen - 4}"])
    assert policy.permits("host", port, address)
    farther = type(address)(int(address) ^ 16)
    assert policy.permits("host", port, farther) == is_global(farther)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "opened"),
    [
        ("minio", "minio", 9000, "10.0.0.7", True),
        ("MinIO.", "minio", 9000, "10.0.0.7", True),
        ("minio:9000", "minio", 9000, "10.0.0.7", True),
        ("minio:9000", "minio", 9001, "10.0.0.7", False),
        ("minio", "minio.evil", 9000, "10.0.0.7", False),
        ("10.0.0.7", "anything", 1, "10.0.0.7", True),
        ("10.0.0.7", "anything", 1, "::ffff:10.0.0.7", True),
        ("10.0.0.7:80", "anything", 81, "10.0.0.7", False),
        ("10.0.0.0/8", "anything", 1, "10.255.0.1", True),
        ("10.0.0.0/8", "anything", 1, "fd00::1", False),
        ("fd00::/8", "anything", 1, "fd12::1", True),
        ("[::1]:8080", "anything", 8080, "::1", True),
        ("[::1]:8080", "anything", 80, "::1", False),
        ("[::1]", "anything", 80, "::1", True),
        ("::1", "anything", 80, "::1", True),
    ],
)
def test_entries_of_allow(entry: str, host: str, port: int, address: str, opened: bool) -> None:
    assert AddressPolicy.parse([entry]).permits(host, port, ip_address(address)) is opened


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "http://minio:9000",
        "minio:0",
        "minio:65536",
        "minio:port",
        "10.0.0.0/33",
        "[::1",
        "a b",
        "*",
        "::1]",
    ],
)
def test_what_is_no_address_is_a_configuration_error(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"egress\.allow"):
        AddressPolicy.parse([entry])
