"""How fast anybody may ask, with a clock that the test turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaas.access._rates import Rates, bucket_of
from alaas.errors import RateError


def allowed(rates: Rates, who: str) -> bool:
    try:
        rates.take(who)
    except RateError:
        return False
    return True


def test_a_burst_passes_and_then_the_steady_rate(clock):
    rates = Rates(2.0, 5, clock=clock)
    assert [allowed(rates, "a") for _ in range(7)] == [True] * 5 + [False] * 2
    clock.seconds += 0.5
    assert [allowed(rates, "a") for _ in range(2)] == [True, False]
    clock.seconds += 1e9
    assert [allowed(rates, "a") for _ in range(7)] == [True] * 5 + [False] * 2


def test_a_refusal_says_when_to_come_back_and_costs_nothing(clock):
    rates = Rates(0.5, 1, clock=clock)
    rates.take("a")
    for _ in range(10):
        with pytest.raises(RateError, match=r"0\.5 a second.*limits\.requests_per_second") as caught:
            rates.take("a")
        assert caught.value.retry_after == pytest.approx(2.0)
    clock.seconds += 2.0
    rates.take("a")


def test_one_does_not_pay_for_another(clock):
    rates = Rates(1.0, 1, clock=clock)
    rates.take("a")
    rates.take("b")
    assert not allowed(rates, "a")


def test_memory_is_bounded_however_many_ask(clock):
    rates = Rates(1.0, 2, most=100, clock=clock)
    for number in range(10_000):
        rates.take(str(number))
    assert len(rates._full_at) == 100
    assert allowed(rates, "9999")
    assert not allowed(rates, "9999")


@given(st.floats(0.1, 50), st.integers(1, 20), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_it_is_a_bucket_of_tokens(per_second, burst, pauses):
    class Now:
        seconds = 0.0

    rates = Rates(per_second, burst, clock=lambda: Now.seconds)
    tokens, before = float(burst), 0.0
    for pause in pauses:
        Now.seconds += pause
        tokens = min(burst, tokens + (Now.seconds - before) * per_second)
        before = Now.seconds
        found = allowed(rates, "a")
        if abs(tokens - 1) > 1e-6:
            assert found == (tokens > 1)
        if found:
            tokens -= 1


def test_a_network_of_ipv6_is_one_bucket():
    assert bucket_of("192.0.2.7") != bucket_of("192.0.2.8")
    assert bucket_of("2001:db8::1") == bucket_of("2001:db8::ffff:1")
    assert bucket_of("2001:db8::1") != bucket_of("2001:db8:0:1::1")
    assert bucket_of("fe80::1%eth0") == bucket_of("fe80::2")
    assert bucket_of("testclient") == "testclient"
