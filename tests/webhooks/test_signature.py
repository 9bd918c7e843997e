"""A receiver can tell a genuine delivery from every other."""

from __future__ import annotations

import base64

import pytest

from alaas.errors import ConfigError, SignatureError
from alaas.webhooks import verify
from alaas.webhooks._signature import key_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The example of the specification."""


def check(headers=SIGNED, body=BODY, secret=SECRET, now=1614265330.0):
    return verify(secret, headers, body, now=now)


def test_the_example_of_the_specification_is_genuine():
    assert check() == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_headers_may_be_written_in_any_case():
    assert check({name.title(): value for name, value in SIGNED.items()})


def test_one_of_several_signatures_is_enough():
    several = f"v1,{base64.b64encode(b'x' * 32).decode()} v2,unknown {SIGNED['webhook-signature']}"
    assert check({**SIGNED, "webhook-signature": several})


def test_a_secret_may_be_any_text():
    signature = sign(key_of("sixteen letters!"), "a", 100, b"body")
    headers = {"webhook-id": "a", "webhook-timestamp": "100", "webhook-signature": signature}
    assert verify("sixteen letters!", headers, b"body", now=100.0) == "a"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"body": BODY + b" "}, "no signature fits"),
        ({"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAA"}, "no signature fits"),
        ({"headers": {**SIGNED, "webhook-id": "another"}}, "no signature fits"),
        ({"headers": {**SIGNED, "webhook-timestamp": "1614265331"}}, "no signature fits"),
        ({"headers": {**SIGNED, "webhook-signature": "v1,é"}}, "no signature fits"),
        ({"headers": {**SIGNED, "webhook-timestamp": "soon"}}, "whole number"),
        ({"headers": {}}, "webhook-id"),
        ({"now": 1614265330.0 + 301}, "another time"),
        ({"now": 1614265330.0 - 301}, "another time"),
    ],
)
def test_everything_else_is_refused(changed, words):
    with pytest.raises(SignatureError, match=words):
        check(**changed)


def test_a_secret_that_is_no_base64_is_a_wrong_setting():
    with pytest.raises(ConfigError, match="base64"):
        verify("whsec_ö", SIGNED, BODY, now=1614265330.0)
