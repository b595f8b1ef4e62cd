"""Exports that no spreadsheet runs and that read back unchanged."""

from __future__ import annotations

import csv

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recengine.ingest.rejects import examples, reasons, write_rejects
from recengine.ingest.safe_csv import mark, read_csv_back, unmark, write_csv

DANGER = "=+-@＝＋－＠"
CHARACTER = st.one_of(
    st.sampled_from(list("=+-@＝'\"; \t|\r\n,a0")), st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00")
)
TEXT = st.text(CHARACTER, max_size=12)


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_marking_is_undone_exactly(text):
    assert unmark(mark(text)) == text


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_nothing_that_runs_is_left_at_any_start(text):
    marked = mark(text)
    for sep in ";\t|\r\n":
        marked = marked.replace(sep, "\x00")
    for piece in marked.split("\x00"):
        assert not piece.lstrip(' "').startswith(tuple(DANGER))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", '"=1', "a;=1", "＝1", "a\n=1"])
def test_cells_that_would_run_are_marked(cell):
    assert "'" in mark(cell)


@pytest.mark.parametrize("cell", ["007", "it's", "'quoted'", "a=b", "85123A", "a - b", "", "x,-1"])
def test_ordinary_cells_stay_as_they_are(cell):
    assert mark(cell) == cell


@given(table=st.lists(st.tuples(st.one_of(st.none(), TEXT), TEXT), max_size=10))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_comes_back_with_missing_and_empty_kept_apart(tmp_path, table):
    path = tmp_path / "out.csv"
    before = pa.table({"=id": pa.array([a for a, _ in table], pa.string()), "title": pa.array([b for _, b in table], pa.string())})
    write_csv(before, path)
    assert read_csv_back(path).to_pydict() == before.to_pydict()


def test_numbers_stay_numbers_and_other_readers_agree(tmp_path):
    path = tmp_path / "out.csv"
    titles = pa.array(["=cmd|x", "灯"]).dictionary_encode()
    write_csv(pa.table({"n": pa.array([-5, 7]), "f": pa.array([-0.5, None]), "title": titles}), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["n", "f", "title"], ["-5", "-0.5", "'=cmd|x"], ["7", "", "灯"]]
    assert read_csv_back(path).to_pydict() == {"n": ["-5", "7"], "f": ["-0.5", None], "title": ["=cmd|x", "灯"]}


def test_the_list_of_rejects(tmp_path):
    rejects = pa.table(
        {
            "line": [2, 3, 4],
            "column": ["user", "price", "price"],
            "value": ["", "=1+1", "-2"],
            "reason": ["no shopper id", "price is not a number", "price is not a number"],
            "kind": ["rejected", "rejected", "rejected"],
        }
    )
    path = tmp_path / "rejects.csv"
    write_rejects(rejects, path)
    assert read_csv_back(path)["value"].to_pylist() == ["", "=1+1", "-2"]
    assert reasons(rejects) == [("rejected", "price is not a number", 2), ("rejected", "no shopper id", 1)]
    assert [row["line"] for row in examples(rejects, "price is not a number", 1)] == [3]
