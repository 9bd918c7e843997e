"""Tables: kinds, scales and categories learnt in one pass; rows to vectors."""

import json
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.config import LimitSettings
from alaas.errors import DecodeError, LimitError, UsageError
from alaas.modalities._columns import MOST_CATEGORIES, CategoryColumn, NumberColumn, Observed
from alaas.modalities.table import Table
from alaas.testing.modalities import ModalitySuite
from alaas.types import Item

MISSING = [None, "", "  ", "NA", "na", "nan", "NaN", "N/A", "null", math.nan]


def learnt(rows, limits=None):
    table = Table(limits=limits or LimitSettings())
    table.prepare(items(rows))
    return table


def items(rows):
    return (Item(id=str(number), row=row) for number, row in enumerate(rows))


def vectors(table, rows):
    return np.stack([table.decode(table.inline(item)) for item in items(rows)])


ROWS = [
    {"age": 20, "income": "1000", "city": "Oslo"},
    {"age": 30, "income": "NA", "city": "Rome"},
    {"age": 40, "income": "3000", "city": "Oslo"},
    {"age": 50, "income": "2000", "city": None},
]


class TestTable(ModalitySuite):
    def make(self):
        return learnt(ROWS)

    def others(self):
        return [learnt(ROWS[:3]), learnt([{**row, "city": "Rome"} for row in ROWS]), learnt([])]

    def contents(self):
        table = self.make()
        return [table.inline(item) for item in items(ROWS)]

    def strangers(self):
        return [Item(id="a", text="a text"), Item(id="b", uri="a.jpg"), Item(id="c", content=b"x")]


def test_numbers_are_standardised_and_categories_have_places():
    table = learnt(ROWS)
    assert table.prepares
    assert table.columns == ("age", "city", "income")
    found = vectors(table, ROWS)
    assert found.dtype == np.float32
    one = 1 / math.sqrt(2 / 3)
    expected = [
        # age, then Oslo, Rome, other, missing, then income, missing
        [-15 / math.sqrt(125), 1, 0, 0, 0, -one * 1, 0],
        [-5 / math.sqrt(125), 0, 1, 0, 0, 0, 1],
        [5 / math.sqrt(125), 1, 0, 0, 0, one * 1, 0],
        [15 / math.sqrt(125), 0, 0, 0, 1, 0, 0],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_array_equal(table.collate(list(found))["rows"], found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12) | st.integers(-(10**6), 10**6) | st.sampled_from(MISSING), min_size=1))
def test_means_and_deviations_are_those_of_numpy(cells):
    column = Observed()
    for cell in cells:
        column.add(cell)
    numbers = np.array([float(cell) for cell in cells if isinstance(cell, (int, float)) and cell == cell])
    found = column.learn("x", len(cells))
    if not len(numbers):
        assert found is None
        return
    assert isinstance(found, NumberColumn)
    assert found.gaps == (len(numbers) < len(cells))
    assert found.mean == pytest.approx(numbers.mean(), rel=1e-9, abs=1e-3)
    if numbers.std() > 1e-3:
        assert found.std == pytest.approx(numbers.std(), rel=1e-6)


@pytest.mark.parametrize("cell", MISSING)
def test_missing_cells_are_missing_in_every_spelling(cell):
    rows = [{"n": 1, "c": "x"}, {"n": 3, "c": "y"}, {"n": cell, "c": cell}, {}]
    found = vectors(learnt(rows), rows)
    # c: x, y, other, missing; then n, missing
    np.testing.assert_array_equal(found[2], [0, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(found[3], found[2])
    np.testing.assert_array_equal(found[0], [1, 0, 0, 0, -1, 0])


def test_cells_missing_only_later_stand_at_the_mean():
    table = learnt([{"n": 1}, {"n": 3}])
    assert table.decode(b"{}").tolist() == [0.0]


@pytest.mark.parametrize("cell", [math.inf, -math.inf, "inf", "-Infinity", 1e200, "1e999"])
def test_an_infinite_number_is_refused_by_the_name_of_its_column(cell):
    rows = [{"good": 1, "bad": cell}, {"good": 2, "bad": 5.0}, {"good": 3, "bad": 7.0}]
    table = learnt(rows)
    with pytest.raises(DecodeError, match=r"column 'bad' holds .*infinite; leave the cell empty"):
        vectors(table, rows[:1])
    assert np.isfinite(vectors(table, rows[1:])).all()
    np.testing.assert_allclose(vectors(table, rows[1:])[:, 0], [-1, 1], rtol=1e-6)  # scaled without it


def test_a_word_among_numbers_counts_as_missing_and_numbers_among_words_as_words():
    rows = [{"mostly": str(n), "rarely": "word"} for n in range(99)] + [{"mostly": "unknown", "rarely": 5}]
    table = learnt(rows)
    found = vectors(table, rows)
    # mostly, missing; then 5, word, other
    assert found.shape == (100, 5)
    np.testing.assert_array_equal(found[99], [0, 1, 1, 0, 0])
    np.testing.assert_array_equal(found[:99, 1:], [[0, 0, 1, 0]] * 99)


def test_constant_and_empty_columns_do_no_harm():
    rows = [{"constant": 0.1, "same": "x", "nothing": None, "n": n} for n in range(50)]
    found = vectors(learnt(rows), rows)
    assert found.shape == (50, 1 + 1 + 2)
    assert np.ptp(found[:, [0, 2, 3]], axis=0).max() == 0
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-6)


def test_truth_values_are_categories():
    rows = [{"a": True}, {"a": False}]
    np.testing.assert_array_equal(vectors(learnt(rows), rows), [[0, 1, 0], [1, 0, 0]])


def test_rare_categories_share_a_place():
    rows = [{"c": f"common {n % 70:02}"} for n in range(700)] + [{"c": "common 69"}] * 5
    table = learnt(rows)
    found = vectors(table, rows)
    assert found.shape == (705, MOST_CATEGORIES + 1)
    assert (found.sum(axis=1) == 1).all()
    assert found[69, :-1].sum() == 1  # the most frequent has a place of its own
    assert found[:, -1].sum() == 60  # of 70, the last six in the alphabet but that one
    assert table.decode(b'{"c": "never seen"}')[-1] == 1


@pytest.mark.parametrize("order", ["first", "last", "mixed"])
def test_frequent_categories_survive_a_crowd(order):
    frequent = [f"frequent {n}" for n in range(5)]
    cells = frequent * 200 + [f"name {n}" for n in range(20_000)]
    if order == "mixed":
        cells = np.random.default_rng(0).permutation(cells).tolist()
    column = Observed()
    for cell in cells if order != "last" else cells[::-1]:
        column.add(cell)
    found = column.learn("c", len(cells))
    assert isinstance(found, CategoryColumn)
    assert set(frequent) <= set(found.values)


def test_a_column_of_names_tells_nothing():
    rows = [{"id": f"row {n}", "n": n} for n in range(10_000)]
    assert learnt(rows).decode(b'{"id": "row 5", "n": 4999.5}').tolist() == [1.0, 0.0]


def test_learning_needs_no_more_memory_for_more_rows():
    def peak(count):
        rows = ({"n": n * 0.5, "name": f"{n}" * 20, "c": f"v{n % 9}"} for n in range(count))
        tracemalloc.start()
        learnt(rows)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(30_000) < 1.2 * peak(10_000)


def test_the_order_of_columns_does_not_matter():
    table = learnt(ROWS)
    (one,) = items(ROWS[:1])
    other = Item(id="b", row=dict(reversed(ROWS[0].items())))
    assert table.inline(one) == table.inline(other) == b'{"age":20,"city":"Oslo","income":"1000"}'
    turned = learnt([dict(reversed(row.items())) for row in ROWS])
    assert turned.fingerprint == table.fingerprint


def test_columns_that_the_pool_does_not_have_are_left_out_of_account():
    table = learnt(ROWS)
    content = json.dumps({**ROWS[0], "new": 1}).encode()
    np.testing.assert_array_equal(table.decode(content), vectors(table, ROWS[:1])[0])


def test_learning_again_forgets():
    table = learnt(ROWS)
    table.prepare(items([{"x": 1}, {"x": 3}]))
    assert table.columns == ("x",)
    assert table.fingerprint == learnt([{"x": 1}, {"x": 3}]).fingerprint


def test_items_without_a_row_are_passed_over():
    table = Table(limits=LimitSettings())
    table.prepare([Item(id="t", text="x"), *items(ROWS)])
    assert table.fingerprint == learnt(ROWS).fingerprint


def test_a_table_that_learnt_nothing_says_so():
    with pytest.raises(UsageError, match="call prepare"):
        Table(limits=LimitSettings()).decode(b"{}")
    with pytest.raises(DecodeError, match="no column"):
        learnt([{"a": None}]).decode(b'{"a": 1}')


def test_rows_can_be_checked_before_anything_is_learnt():
    table = Table(limits=LimitSettings())
    table.check(b'{"a": 1, "b": "inf", "c": NaN}')
    for content, words in (
        (b'{"a": Infinity}', "column 'a' holds inf, which is infinite"),
        (b'{"a": [1]}', "column 'a' holds a list"),
        (b"[]", "a JSON list"),
    ):
        with pytest.raises(DecodeError, match=words):
            table.check(content)


def test_too_many_columns_are_refused():
    with pytest.raises(LimitError, match="more than 4,096 columns"):
        learnt({str(n): 1} for n in range(4097))


def test_cells_of_other_kinds_are_refused_by_the_name_of_their_column():
    rows = [{"a": 1, "b": [1, 2]}, {"a": 2, "b": "x"}]
    with pytest.raises(DecodeError, match="column 'b' holds a list"):
        vectors(learnt(rows), rows)
    with pytest.raises(DecodeError, match="something else"):
        learnt(rows).inline(Item(id="x", row={"a": object()}))
    assert learnt([{"a": 10**5000}, {"a": "x"}]).columns == ("a",)


def test_the_byte_cap_is_exact():
    table = learnt([{"a": 1}], LimitSettings(max_item_bytes=7))
    table.decode(b'{"a":1}')
    with pytest.raises(DecodeError, match="8 bytes, more than the 7"):
        table.decode(b'{"a":12}')


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), CELLS), max_size=20))
def test_any_rows_give_finite_vectors_or_a_decode_error(rows):
    table = learnt(rows)
    for item in items(rows):
        try:
            vector = table.decode(table.inline(item))
        except DecodeError:
            continue
        assert np.isfinite(vector).all()
