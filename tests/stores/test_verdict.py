"""How an item stands: examples for each sentence, and any votes beside a naive count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_store import naive_verdict

from alaas.stores import Rule, Verdict, Vote, verdict

votes = st.one_of(
    st.builds(
        Vote,
        kind=st.just("label"),
        value=st.sampled_from(["a", "b", "c", ("a",), ()]),
        final=st.sampled_from([False] * 5 + [True]),
    ),
    st.builds(
        Vote,
        kind=st.sampled_from(["skip", "unsure", "defer"]),
        final=st.sampled_from([False] * 5 + [True]),
    ),
)
rules = st.builds(Rule, annotators=st.integers(1, 5), decide=st.sampled_from(["unanimous", "majority"]))
plain = st.lists(votes.filter(lambda vote: not vote.final), max_size=7)


def label(value, *, final=False):
    return Vote(kind="label", value=value, final=final)


SKIP, UNSURE, DEFER = (Vote(kind=kind) for kind in ("skip", "unsure", "defer"))
TWO, THREE = Rule(annotators=2), Rule(annotators=3, decide="majority")


@pytest.mark.parametrize(
    ("said", "rule", "state", "value"),
    [
        ([], Rule(), "pool", None),
        ([DEFER], Rule(), "pool", None),
        ([UNSURE, DEFER], Rule(), "partial", None),
        ([UNSURE, SKIP], Rule(), "skipped", None),
        ([SKIP, label("a")], Rule(), "labelled", "a"),
        ([SKIP, label("a")], TWO, "partial", None),
        ([label("a"), UNSURE, label("a")], TWO, "labelled", "a"),
        ([label("a"), label("b")], Rule(annotators=3), "conflict", None),
        ([label("a"), label("b")], THREE, "partial", None),
        ([label("a"), label("b"), label("a")], THREE, "labelled", "a"),
        ([label("a"), label("b"), label("c")], THREE, "conflict", None),
        ([label("a"), label("b"), label("a"), label("b")], THREE, "conflict", None),
        ([label("a", final=True), label("b"), label("b")], TWO, "labelled", "a"),
        ([label("a", final=True), label("b", final=True)], TWO, "labelled", "b"),
        ([label("a", final=True), Vote(kind="skip", final=True)], TWO, "skipped", None),
        ([label(()), label(())], TWO, "labelled", ()),
        ([label("a"), label(("a",))], TWO, "conflict", None),
    ],
)
def test_an_item_stands_as_its_answers_say(said, rule, state, value):
    assert verdict(said, rule) == Verdict(state=state, label=value)


@given(st.lists(votes, max_size=7), rules)
def test_it_is_what_a_naive_count_gives(said, rule):
    state, value = naive_verdict(said, rule)
    assert verdict(said, rule) == Verdict(state=state, label=value)


@given(plain, rules, st.randoms(use_true_random=False))
def test_without_a_final_answer_the_order_does_not_matter(said, rule, chance):
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert verdict(shuffled, rule) == verdict(said, rule)


@given(st.lists(votes, max_size=7), rules)
def test_only_a_labelled_item_has_a_label(said, rule):
    found = verdict(said, rule)
    assert (found.label is not None) == (found.state == "labelled")
    assert found.state in ("pool", "partial", "labelled", "conflict", "skipped")


@given(plain, rules, votes)
def test_a_conflict_of_all_is_mended_by_no_further_answer(said, rule, more):
    if rule.decide == "unanimous" and verdict(said, rule).state == "conflict" and not more.final:
        assert verdict([*said, more], rule).state == "conflict"


@given(st.lists(votes, max_size=7), rules)
def test_one_who_defers_has_said_nothing(said, rule):
    assert verdict([vote for vote in said if vote.kind != "defer"], rule) == verdict(said, rule)
