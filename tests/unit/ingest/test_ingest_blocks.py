"""The two ways to cut a text into records give the same table, lines included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.ingest.blocks import CELL_LIMIT, NotUtf8, RecordCutter
from recengine.ingest.dialect import Dialect
from recengine.ingest.marks import Marks


def cut(data: bytes, *, exact=False, size=10**9, sep=",", width=3, damaged=False, quote='"', escape=""):
    dialect = Dialect(Marks(sep, quote, escape), 1, 1, tuple(f"c{k}" for k in range(width)), ())
    cutter = RecordCutter(dialect, line=1, exact_only=exact, damaged=damaged)
    for at in range(0, len(data), size):
        cutter.feed(data[at : at + size])
    cutter.feed(b"", final=True)
    rows = [row for batch in cutter.batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
    lines = np.concatenate(cutter.lines).tolist() if cutter.lines else []
    return sorted(zip(lines, rows, strict=True)), sorted(cutter.bad), cutter.exact_blocks


PIECES = st.sampled_from(
    ["a", "é", "商", " ", '"', '""', '"x"', '"p,q"', '"u\nv"', "\n", "\r\n", "\r", ",", ",", ",", ";", "::", ":", "\t", "'", "\\", "1.5"]
)


@given(pieces=st.lists(PIECES, max_size=40), sep=st.sampled_from([",", ";", "\t", "::"]), size=st.integers(1, 30))
@settings(max_examples=250, deadline=None)
def test_fast_and_exact_agree_for_any_text_and_any_block_size(pieces, sep, size):
    data = "".join(pieces).encode()
    want = cut(data, exact=True, sep=sep)[:2]
    assert cut(data, sep=sep)[:2] == want
    assert cut(data, sep=sep, size=size)[:2] == want
    assert cut(data, sep=sep, size=size, exact=True)[:2] == want


CELL = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=12)


@given(
    table=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12), size=st.integers(1, 60), end=st.sampled_from(["\n", "\r\n", "\r"])
)
@settings(max_examples=150, deadline=None)
def test_properly_quoted_cells_come_back_byte_for_byte(table, size, end):
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + end for row in table)
    rows, bad, _ = cut(text.encode(), size=size)
    assert [row for _, row in rows] == table
    assert bad == []


def test_well_formed_quotes_take_the_fast_way():
    rows, bad, exact = cut(b'1,"a,b",x\n2,"say ""hi""",y\n3,"two\nlines",z\n4,plain,w\n')
    assert exact == 0
    assert bad == []
    assert rows == [(1, ("1", "a,b", "x")), (2, ("2", 'say "hi"', "y")), (3, ("3", "two\nlines", "z")), (5, ("4", "plain", "w"))]


def test_inch_marks_inside_cells_take_the_fast_way_and_stay():
    rows, bad, exact = cut(b'1,5" pipe,x\n2,6" pipe,y\n')
    assert exact == 0
    assert [row[1] for _, row in rows] == ['5" pipe', '6" pipe']
    assert bad == []


def test_a_ragged_row_is_rejected_with_its_line_and_the_rest_stays():
    rows, bad, exact = cut(b"1,a,x\n2,b\n3,c,y,extra\n\n4,d,z\n")
    assert exact == 0
    assert [line for line, _ in rows] == [1, 5]
    assert bad == [
        (2, "2,b", "2 cells instead of 3", "rejected"),
        (3, "3,c,y,extra", "4 cells instead of 3", "rejected"),
        (4, "", "blank line", "skipped"),
    ]


@pytest.mark.parametrize("exact", [False, True])
def test_a_stray_quote_is_part_of_its_cell_where_one_reading_fits(exact):
    rows, bad, _ = cut(b'1,a,x\n2,"b,y\n3,c,z\n4,d,w\n', exact=exact)
    assert [row for _, row in rows] == [("1", "a", "x"), ("2", '"b', "y"), ("3", "c", "z"), ("4", "d", "w")]
    assert bad == []


@pytest.mark.parametrize("exact", [False, True])
def test_a_stray_quote_that_no_reading_explains_costs_its_own_line_only(exact):
    rows, bad, _ = cut(b'1,a,x\n2,"b\n3,c,z\n4,d,w\n', exact=exact)
    assert [line for line, _ in rows] == [1, 3, 4]
    assert [(line, reason) for line, _, reason, _ in bad] == [(2, "a quote is opened and never closed")]


@pytest.mark.parametrize("exact", [False, True])
def test_a_file_cut_in_the_middle_of_its_last_row(exact):
    rows, bad, _ = cut(b"1,a,x\n2,b", exact=exact)
    assert len(rows) == 1
    assert bad == [(2, "2,b", "the file ends in the middle of this row", "rejected")]
    rows, bad, _ = cut(b'1,a,x\n2,"b', exact=exact)
    assert bad == [(2, '2,"b', "the file ends in the middle of this row", "rejected")]


@pytest.mark.parametrize("exact", [False, True])
def test_a_last_row_without_a_line_end_is_whole(exact):
    rows, bad, _ = cut(b"1,a,x\n2,b,y", exact=exact)
    assert [line for line, _ in rows] == [1, 2]
    assert bad == []


def test_a_cell_past_the_limit_is_rejected_not_the_file():
    rows, bad, _ = cut(b"1,a,x\n2," + b"b" * (CELL_LIMIT + 5) + b",y\n3,c,z\n")
    assert [line for line, _ in rows] == [1, 3]
    assert [(line, reason) for line, _, reason, _ in bad] == [(2, "a cell is longer than 131,072 characters")]


def test_bytes_outside_utf8_are_told_or_rejected_line_by_line():
    data = "1,é,x\n".encode() + b"2,\xe9t\xe9,y\n" + "3,ü,z\n".encode()
    with pytest.raises(NotUtf8):
        cut(data)
    rows, bad, _ = cut(data, damaged=True)
    assert [line for line, _ in rows] == [1, 3]
    assert bad == [(2, "2,\\xe9t\\xe9,y", "bytes that are no UTF-8", "rejected")]


def test_two_colons_are_one_delimiter_even_across_blocks():
    data = b"1::a:b::x\n2::c::y\n"
    for size in range(1, 10):
        rows, bad, _ = cut(data, sep="::", size=size)
        assert rows == [(1, ("1", "a:b", "x")), (2, ("2", "c", "y"))]
        assert bad == []
