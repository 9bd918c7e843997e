"""Who may do what."""

from __future__ import annotations

import pytest

from alaas.access import ANYBODY, Caller
from alaas.errors import AccessError

ROLES = ("reader", "annotator", "admin")


@pytest.mark.parametrize("held", ROLES)
@pytest.mark.parametrize("needed", ROLES)
def test_a_higher_role_has_the_rights_of_the_lower_ones(held, needed):
    allowed = ROLES.index(held) >= ROLES.index(needed)
    assert Caller(name="a", role=held).may(needed) is allowed
    assert Caller(name="a", role=held).may(needed, "p") is allowed
    assert Caller(name="a", role=held).may(needed, everywhere=True) is allowed


def test_a_key_for_some_projects_is_good_for_these_alone():
    caller = Caller(name="a", role="admin", projects=frozenset({"p"}))
    assert caller.may("admin", "p")
    assert not caller.may("reader", "q")
    assert caller.may("reader")
    assert not caller.may("reader", everywhere=True)
    assert not caller.may("reader", "")


@pytest.mark.parametrize(
    ("role", "needs", "words"),
    [
        ("reader", ("annotator", "p", False), "role reader, and this needs annotator.*--role annotator"),
        ("admin", ("reader", "q", False), "not good for the project 'q'"),
        ("admin", ("reader", None, True), "without --project"),
    ],
)
def test_a_refusal_says_what_is_missing(role, needs, words):
    caller = Caller(name="a", role=role, projects=frozenset({"p"}))
    needed, project, everywhere = needs
    with pytest.raises(AccessError, match=words):
        caller.require(needed, project, everywhere=everywhere)


def test_only_an_admin_speaks_for_others():
    anna, boss = Caller(name="anna", role="annotator"), Caller(name="boss", role="admin")
    assert anna.annotator() == anna.annotator("anna") == "anna"
    assert boss.annotator("anna") == "anna"
    assert ANYBODY.annotator() == "me"
    assert ANYBODY.annotator("anna") == "anna"
    with pytest.raises(AccessError, match="'anna' may not speak for the annotator 'ben'"):
        anna.annotator("ben")


def test_idempotency_keys_of_two_callers_never_meet():
    names, keys = ["a", "a:b", "b", "1:a"], ["b:c", "c", "", "1:c"]
    assert len({Caller(name=name, role="reader").own(key) for name in names for key in keys}) == 16
    assert ANYBODY.own(None) is None
