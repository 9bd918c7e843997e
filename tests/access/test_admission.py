"""The decision at the door."""

from __future__ import annotations

import pytest

from alaas.access import ANYBODY, Admission, Keyring, Rates, Token
from alaas.errors import KeyRequiredError, RateError


def make(table, clock, *, mode="auto", exposed=False, burst=100) -> Admission:
    return Admission(Keyring(table, clock=clock), Rates(1.0, burst, clock=clock), mode=mode, exposed=exposed)


@pytest.mark.parametrize(
    ("mode", "exposed", "before", "after"),
    [
        ("auto", False, False, True),
        ("auto", True, True, True),
        ("required", False, True, True),
        ("off", True, False, False),
        ("off", False, False, False),
    ],
)
def test_when_keys_are_wanted(table, clock, mode, exposed, before, after):
    admission = make(table, clock, mode=mode, exposed=exposed)
    assert admission.wants_keys() is before
    admission.keyring.create("anna", "reader", actor="me")
    admission.keyring.revoke("anna", actor="me")
    assert admission.wants_keys() is after
    assert admission.wants_keys_known() is after


def test_where_no_key_is_wanted_none_is_looked_at(table, clock):
    admission = make(table, clock)
    assert admission.at_once("nonsense", "here", keyed=False) == ANYBODY
    assert table.gets == 0


def test_a_key_is_looked_up_once_and_then_let_in_at_once(table, clock):
    admission = make(table, clock)
    _, token = admission.keyring.create("anna", "reader", actor="me")
    assert admission.at_once(token.text, "here", keyed=True) is None
    caller = admission.look_up(token.text)
    assert admission.at_once(token.text, "here", keyed=True) == caller
    assert caller.name == "anna"


def test_no_key_and_no_good_key_are_refused_and_cost_the_address_a_token(table, clock):
    admission = make(table, clock, burst=3)
    with pytest.raises(KeyRequiredError, match="Authorization: Bearer"):
        admission.at_once(None, "here", keyed=True)
    with pytest.raises(KeyRequiredError, match="not known here, or was revoked"):
        admission.at_once("nonsense", "here", keyed=True)
    assert admission.at_once(Token.new().text, "here", keyed=True) is None
    for shown in (None, "nonsense", Token.new().text):
        with pytest.raises(RateError):
            admission.at_once(shown, "here", keyed=True)


def test_a_key_has_a_bucket_of_its_own_from_wherever_it_comes(table, clock):
    admission = make(table, clock, burst=2)
    _, token = admission.keyring.create("anna", "reader", actor="me")
    admission.look_up(token.text)
    admission.at_once(token.text, "here", keyed=True)
    admission.at_once(token.text, "there", keyed=True)
    with pytest.raises(RateError):
        admission.at_once(token.text, "elsewhere", keyed=True)
    with pytest.raises(KeyRequiredError):
        admission.at_once(None, "here", keyed=True)
