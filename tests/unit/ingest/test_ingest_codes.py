"""Codes name texts one to one, whichever way they are found."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.ingest.codes import codes
from recengine.ingest.convert import repeated

WORD = st.one_of(st.integers(0, 300).map(str), st.sampled_from(["007", "+7", "7", "-1", "", "a", "99999999999", "７"]))


@given(st.lists(WORD, min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_every_code_leads_back_to_its_text(words):
    numbers, texts = codes(pa.chunked_array([words[:3], words[3:]], pa.string()))
    assert texts.take(pa.array(numbers)).to_pylist() == words
    assert len(texts) == len(set(words))


@pytest.mark.parametrize("n", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_repeated_cell_has_the_asked_length(n):
    column = repeated(pa.nulls(1, pa.string()), n)
    assert (len(column), column.null_count, column.type) == (n, n, pa.string())
