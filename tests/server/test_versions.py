"""Versions and cursors, without a server."""

from __future__ import annotations

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from alaas.errors import UsageError, VersionError
from alaas.server.paging import cut, number
from alaas.server.versions import check_match, is_known


@pytest.mark.parametrize("sent", ['"3"', "*", ' "3" ', '"1", "3"'])
def test_a_version_that_is_meant_is_let_through(sent):
    check_match(sent, 3)


@pytest.mark.parametrize("sent", ['"2"', "3", 'W/"3"', "", '"33"', '"3'])
def test_another_version_is_refused(sent):
    with pytest.raises(VersionError, match="read it again"):
        check_match(sent, 3)


def test_no_version_is_refused_with_what_to_send():
    with pytest.raises(HTTPException) as caught:
        check_match(None, 3)
    assert caught.value.status_code == 428
    assert "If-Match" in caught.value.detail


@pytest.mark.parametrize(
    ("sent", "known"), [(None, False), ('"3"', True), ('W/"3"', True), ("*", True), ('"2"', False)]
)
def test_what_is_known_may_be_told_weakly(sent, known):
    assert is_known(sent, 3) is known


@given(st.text() | st.integers().map(str))
def test_a_cursor_is_a_number_or_refused(text):
    good = text.isascii() and text.isdecimal() and len(text) < 19
    if good:
        assert number(text, -1) == int(text)
    else:
        with pytest.raises(UsageError, match="no cursor"):
            number(text, -1)


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_put_together_are_the_whole(count, limit):
    rows, found, after = list(range(count)), [], None
    while True:
        start = number(after, -1)
        page, after = cut([row for row in rows if row > start][: limit + 1], limit, lambda row: row)
        found += page
        if after is None:
            break
    assert found == rows
