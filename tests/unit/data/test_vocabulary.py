"""Ids are text: kept to the letter, sorted, coded once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recengine.data.vocabulary import Vocabulary

HOSTILE = ["007", "7", " 7", "7.0", "9223372036854775808", "nan", "", "=1+1", "茶壶", "é", "e\u0301", "None", "True"]


def test_ids_are_never_altered() -> None:
    vocabulary = Vocabulary.build(HOSTILE)
    assert len(vocabulary) == len(HOSTILE)
    assert vocabulary.decode(vocabulary.encode(HOSTILE)).tolist() == HOSTILE


@given(st.lists(st.text(max_size=6)))
def test_codes_are_places_in_the_sorted_list(ids: list[str]) -> None:
    vocabulary = Vocabulary.build(ids)
    assert vocabulary.ids.tolist() == sorted(set(ids))
    codes = vocabulary.encode(ids)
    assert codes.dtype == np.int32
    assert vocabulary.decode(codes).tolist() == ids
    assert all(vocabulary.code(name) == code for name, code in zip(ids, codes, strict=True))


def test_the_order_of_the_file_does_not_matter() -> None:
    assert Vocabulary.build(["b", "a", "c", "a"]).ids.tolist() == Vocabulary.build(["c", "a", "b"]).ids.tolist() == ["a", "b", "c"]


def test_unknown_ids() -> None:
    vocabulary = Vocabulary.build(["a", "b"])
    assert vocabulary.encode(["b", "x", "A", ""]).tolist() == [1, -1, -1, -1]
    assert vocabulary.code("x") == -1
    assert Vocabulary.build([]).encode(["a"]).tolist() == [-1]


@pytest.mark.parametrize("codes", [[-1], [2], [0, 5]])
def test_codes_outside_are_refused_rather_than_wrapped(codes: list[int]) -> None:
    with pytest.raises(IndexError, match="outside"):
        Vocabulary.build(["a", "b"]).decode(np.array(codes))


def test_nothing_decodes_to_nothing() -> None:
    assert Vocabulary.build(["a"]).decode(np.array([])).tolist() == []
    assert Vocabulary.build([]).decode(np.zeros(0, np.int32)).tolist() == []
