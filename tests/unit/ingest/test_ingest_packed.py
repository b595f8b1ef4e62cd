"""Packing loses nothing: every cell comes back byte for byte, and an import of packed columns says what one of texts says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.ingest import packed as packing
from recengine.ingest import packed_values, reader, tallies
from recengine.ingest.codes import codes
from recengine.ingest.importer import ingest, recognise
from recengine.ingest.packed import Packer, as_text, layout_of, seconds_of, whole_numbers
from recengine.ingest.raw import text_table
from recengine.ingest.reader import read

WHOLE = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(str), st.integers(0, 9).map(str), st.sampled_from(["", "007", "+7", "-0", " 7", "7 ", "1e5", "９"])
)
TIME = st.sampled_from(
    [
        "2019-10-01 00:00:00 UTC",
        "2019-10-01T00:00:00Z",
        "2019-10-01 00:00:00",
        "1969-12-31 23:59:59",
        "2019-13-01 00:00:00",
        "2019-10-01",
        "2019-10-01 00:00+01",
        "2019-02-30 10:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "2019-10-01 24:00:00",
        "2019-10-01 00:00:60",
    ]
)
WORD = st.sampled_from(["a", "A", "é", "é", "商品", "", " ", "\u200b", "NULL", "nan", "1", "x" * 300, "a\x1fb", '"'])
COLUMN = st.one_of(*(st.lists(kind, min_size=1, max_size=24) for kind in (WHOLE, st.integers(0, 40).map(str), TIME, WORD, WHOLE | WORD)))


def packed_in(cells, size):
    packer = Packer(["c"])
    for at in range(0, len(cells), size):
        packer.add(pa.table({"c": pa.array(cells[at : at + size], pa.string())}))
    return packer.finished()


@given(cells=COLUMN, size=st.integers(1, 9), flush=st.integers(1, 12), spared=st.sampled_from([0.01, 0.5, 2.0]))
@settings(max_examples=600, deadline=None)
def test_every_cell_comes_back_byte_for_byte(cells, size, flush, spared):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "FLUSH_ROWS", flush)
        patch.setattr(packing, "SPARED", spared)
        made = packed_in(cells, size)
    assert text_table(made)["c"].to_pylist() == cells
    numbers, texts = codes(made["c"], layout_of(made.field("c")))
    assert texts.take(pa.array(numbers)).to_pylist() == cells
    assert len(texts) == len(set(cells))


@given(cells=COLUMN, size=st.integers(1, 9), data=st.data())
@settings(max_examples=300, deadline=None)
def test_codes_do_not_tell_how_a_column_was_packed(cells, size, data):
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))))
    made = packed_in(cells, size)
    plain = pa.chunked_array([pa.array(cells, pa.string())])
    want, got = codes(plain, None, keep), codes(made["c"], layout_of(made.field("c")), keep)
    assert got[0].tolist() == want[0].tolist()
    assert got[1].to_pylist() == want[1].to_pylist()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["5", "70", "2147483647"], pa.int32()),
        (["5", "", "70"], pa.int32()),
        (["5", "2147483648"], pa.int64()),
        (["-9223372036854775807"], pa.int64()),
        (["5", "07"], pa.dictionary(pa.int8(), pa.string())),
        (["9223372036854775808"], pa.dictionary(pa.int8(), pa.string())),
        (["a", "b", "a"], pa.dictionary(pa.int8(), pa.string())),
        (["2019-10-01 00:00:00 UTC"] * 2, pa.int32()),
        (["2019-10-01 00:00:00 UTC", "2019-10-01 00:00:00"], pa.dictionary(pa.int8(), pa.string())),
    ],
)
def test_each_column_takes_the_shortest_form(cells, kind):
    assert packed_in(cells, 1)["c"].type == kind
    assert packed_in(cells, 9)["c"].type == kind


def test_whole_numbers_are_only_those_a_machine_writes():
    assert whole_numbers(pa.array(["1", "-12", "", "0"])).to_pylist() == [1, -12, None, 0]
    for odd in ("01", "+1", "-0", " 1", "1 ", "1.0", "1e3", "x", "٣"):
        assert whole_numbers(pa.array(["5", odd])) is None, odd
    assert whole_numbers(pa.array(["x", "10", "200"]).slice(1)).to_pylist() == [10, 200]


def test_seconds_need_one_layout():
    seconds, layout = seconds_of(pa.array(["2019-10-01 00:00:01 UTC", "2019-10-01 00:00:02 UTC"]))
    assert (seconds.to_pylist(), layout) == ([1_569_888_001, 1_569_888_002], "  UTC")
    assert as_text(seconds, layout).to_pylist() == ["2019-10-01 00:00:01 UTC", "2019-10-01 00:00:02 UTC"]
    assert seconds_of(pa.array(["2019-10-01 00:00:01", "2019-10-01T00:00:02"])) is None
    assert seconds_of(pa.array(["2019-10-01 00:00:01"]), "T") is None


SHOPPER = st.one_of(st.integers(1, 5).map(str), st.sampled_from(["", "u1", "007", " ", "ü"]))
ITEM = st.one_of(st.integers(1, 5).map(str), st.sampled_from(["", "POST", "A-1", "a-1"]))
WHEN = st.sampled_from(["2019-10-01 00:00:00 UTC", "2019-10-02 10:00:00 UTC", "2019-10-02 10:00:01 UTC", "soon", ""])
PRICE = st.sampled_from(["1.50", "15", "0", "-3", "", "free", "1e400", "1500"])
ROW = st.tuples(
    WHEN, st.sampled_from(["view", "purchase", "cart", "hm", ""]), ITEM, PRICE, SHOPPER, st.sampled_from(["b1", "b2", "", "C3"])
)


@given(rows=st.lists(ROW, min_size=1, max_size=40), block=st.integers(8, 400), piece=st.integers(1, 9), flush=st.integers(1, 50))
@settings(max_examples=120, deadline=None)
def test_an_import_in_blocks_is_the_import_of_the_whole(tmp_path_factory, rows, block, piece, flush):
    path = tmp_path_factory.mktemp("blocks") / "log.csv"
    body = [",".join(row) for row in [("2019-10-01 00:00:00 UTC", "view", "1", "1.50", "1", "b1"), *rows]]
    path.write_text("\n".join(["event_time,event_type,product_id,price,user_id,invoice", *body]) + "\n")
    known = recognise(path)
    want = ingest(path, recognition=known)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PACK_BYTES", 1)
        patch.setattr(reader, "BLOCK_BYTES", block)
        patch.setattr(packing, "FLUSH_ROWS", flush)
        patch.setattr(packed_values, "PIECE", piece)
        patch.setattr(tallies, "PIECE", piece)
        got = ingest(path, recognition=recognise(path))
    assert got.recognition.raw.table.to_pylist() == known.raw.table.to_pylist()
    assert got.recognition.mapping == known.mapping
    assert got.recognition.questions == known.questions
    assert got.recognition.columns == known.columns
    assert got.recognition.preview == known.preview
    assert same(got.events, want.events)
    assert got.rejects.to_pylist() == want.rejects.to_pylist()
    assert got.outcome.tolist() == want.outcome.tolist()
    assert repr(got.quality) == repr(want.quality)
    assert got.unsellable_item_ids == want.unsellable_item_ids


def same(one: pa.Table, other: pa.Table) -> bool:
    return repr(one.to_pylist()) == repr(other.to_pylist())


def test_a_long_file_is_packed_and_reads_back(tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"{k % 977},{k % 31:03},{'pv' if k % 3 else 'buy'},{1_511_600_000 + k}" for k in range(150_000)]
    path.write_text("user_id,item_id,behavior,timestamp\n" + "\n".join(rows) + "\n")
    raw = read(path, known_header=frozenset({"userid"}))
    small = replace(raw, cells=raw.table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PACK_BYTES", 2**20)
        patch.setattr(reader, "BLOCK_BYTES", 2**18)
        raw = read(path, known_header=frozenset({"userid"}))
    assert [str(kind) for kind in raw.cells.schema.types][:1] == ["int32"]
    assert [pa.types.is_dictionary(kind) for kind in raw.cells.schema.types] == [False, True, True, False]
    assert raw.cells.nbytes < 0.5 * small.cells.nbytes
    assert raw.table.equals(small.cells)
    assert raw.lines.tolist() == list(range(2, 150_002))


@given(cells=st.lists(st.sampled_from("abc"), max_size=12), cuts=st.lists(st.integers(0, 12), max_size=4), data=st.data())
@settings(max_examples=150, deadline=None)
def test_some_cells_come_in_the_asked_order(cells, cuts, data):
    ends = [0, *sorted(min(cut, len(cells)) for cut in cuts), len(cells)]
    column = pa.chunked_array([pa.array(cells[low:high], pa.string()) for low, high in pairwise(ends)], pa.string())
    rows = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=20)) if cells else []
    assert packing.taken(column, np.array(rows, dtype=np.int64)).to_pylist() == [cells[row] for row in rows]


def test_a_column_of_numbers_may_stop_being_one_at_any_block(tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"{k % 50},{k % 31},view,{1_511_600_000 + k}" for k in range(3_000)]
    rows[1_500], rows[2_000], rows[2_500] = "007,5,view,1511600000", ",5,view,1511600000", "user_id,item_id,behavior,timestamp"
    path.write_text("user_id,item_id,behavior,timestamp\n" + "\n".join(rows) + "\n")
    plain = read(path, known_header=frozenset({"userid"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PACK_BYTES", 1)
        patch.setattr(reader, "BLOCK_BYTES", 4_000)
        raw = read(path, known_header=frozenset({"userid"}))
    assert raw.cells.schema.field("item_id").type == pa.int32()
    assert raw.table.to_pylist() == plain.table.to_pylist()
    assert raw.rejects.to_pylist() == plain.rejects.to_pylist()
    assert raw.lines.tolist() == plain.lines.tolist()
