"""Rows are ordered by ranges of shoppers as they would be all at once, and ids as text is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import Event
from recengine.data import ordering
from recengine.data.ordering import as_column, by_code_point, canonical_order, in_order, is_missing
from recengine.ingest import tallies

NAMES = (Event.USER, Event.TIME, Event.ITEM, Event.BEHAVIOUR, Event.PRICE, Event.QUANTITY, Event.RATING, Event.BASKET)


@given(
    rows=st.lists(st.tuples(*[st.integers(0, 3)] * 8), min_size=1, max_size=60),
    at_once=st.integers(1, 20),
    piece=st.integers(1, 20),
    wide=st.sampled_from([0, 2**20, 2**40]),
    first=st.integers(-5, 5),
)
@settings(max_examples=300, deadline=None)
def test_ranges_of_shoppers_give_the_order_of_all(rows, at_once, piece, wide, first):
    kinds = (np.int32, np.int64, np.int32, np.int8, np.float32, np.float32, np.float32, np.int32)
    columns = {name: np.array(values, dtype=kind) for name, kind, values in zip(NAMES, kinds, zip(*rows, strict=True), strict=True)}
    columns[Event.TIME] = columns[Event.TIME] * (wide + 1) + first
    want = np.lexsort([columns[name] for name in reversed(NAMES)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "AT_ONCE", at_once)
        patch.setattr(tallies, "PIECE", piece)
        order = canonical_order(columns)
    assert sorted(order.tolist()) == list(range(len(rows)))
    for name in NAMES:
        np.testing.assert_array_equal(columns[name][order], columns[name][want])
        np.testing.assert_array_equal(in_order(columns[name], order), columns[name][want])


@given(st.lists(st.one_of(st.integers(0, 10**18).map(str), st.sampled_from(["007", "a", "", "é", "-5"])), unique=True, max_size=30))
@settings(max_examples=300, deadline=None)
def test_ids_are_ordered_by_code_point(ids):
    assert pa.array(ids, pa.string()).take(pa.array(by_code_point(pa.array(ids, pa.string())))).to_pylist() == sorted(ids)


def test_numbers_are_ordered_digit_by_digit():
    ids = [str(k) for k in (*range(2_000), 10**16, 10**17 - 1, 10**9)]
    assert pa.array(ids).take(pa.array(by_code_point(pa.array(ids)))).to_pylist() == sorted(ids)


@pytest.mark.parametrize("n", [2, 65_536, 65_537, 200_000])
def test_one_value_that_stands_for_all_takes_no_memory(n):
    values = np.broadcast_to(np.float32(np.nan), n)
    column = as_column(values)
    assert len(column) == n
    assert np.isnan(column.to_numpy()).all()
    assert is_missing(column)
    assert in_order(values, np.arange(n)[::-1]).strides == (0,)


def test_a_number_anywhere_is_no_missing_column():
    known = pa.array([np.nan, 1.0], pa.float32())
    assert is_missing(pa.chunked_array([known.slice(0, 1), pa.array([None, None], pa.float32())]))
    assert not is_missing(pa.chunked_array([known.slice(0, 1), known]))
    assert not is_missing(pa.chunked_array([pa.array([None, 1.0], pa.float32())]))
