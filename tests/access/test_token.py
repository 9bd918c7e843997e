"""The text of a key."""

from __future__ import annotations

import re

import pytest

from alaas.access import Token, redact


def test_a_key_reads_as_it_is_written():
    token = Token.new()
    assert re.fullmatch(r"alaas_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", token.text)
    assert Token.read(token.text) == token
    assert len({Token.new().text for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alaas__",
        "alaas_0123456789ab_short",
        "alaas_0123456789AB_" + "x" * 43,
        "alaas_0123456789ab_" + "x" * 44,
        " alaas_0123456789ab_" + "x" * 43,
        "alaas_0123456789ab_" + "x" * 43 + "\n",
        "x" * 10_000,
        "ключ",
    ],
)
def test_what_is_no_key_is_none(text):
    assert Token.read(text) is None


def test_only_the_right_secret_matches():
    token, other = Token.new(), Token.new()
    assert len(token.digest) == 32
    assert token.matches(token.digest)
    assert not token.matches(other.digest)
    assert not token.matches(bytes(32))


def test_the_secret_is_in_no_repr_and_can_be_left_out_of_a_text():
    token = Token.new()
    assert token.secret not in repr(token)
    assert token.secret not in str(token)
    line = f"GET /?key={token.text} and again {token.text}."
    assert redact(line) == f"GET /?key=alaas_{token.id}_… and again alaas_{token.id}_…."
    assert redact("nothing to hide, alaas_jobs_waiting") == "nothing to hide, alaas_jobs_waiting"
    assert token.secret[:20] not in redact(f"cut short: {token.text[:-20]}")
