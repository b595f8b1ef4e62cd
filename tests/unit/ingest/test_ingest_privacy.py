"""Personal data: found where it is, not found where ids only look like it, and hashed with a key."""

from __future__ import annotations

import hashlib
import stat

import pyarrow as pa
import pytest

from recengine.columns import Reject
from recengine.ingest.parse import parse
from recengine.ingest.privacy import find_personal_data, hashed, hashed_cells, hidden, is_card, secret_key


def raw(tmp_path, text: str):
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    return parse(path)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("4111 1111 1111 1111", True),
        ("5500-0000-0000-0004", True),
        ("4111111111111112", False),
        ("0000000000000000", False),
        ("9111111111111113", False),
        ("411111111111", False),
    ],
)
def test_check_digits(text, card):
    assert is_card(text) is card


def test_columns_with_personal_data_are_named(tmp_path):
    rows = "".join(
        f"u{k}@example.org,{k},+49 30 90182{k:02d},4111111111111111,{1_000_000_000_000 + 97 * k},1381234{k:04d}\n" for k in range(40)
    )
    found = {f.column: f for f in find_personal_data(raw(tmp_path, "shopper,item,call,paid,session,手机号\n" + rows))}
    assert {name: f.kind for name, f in found.items()} == {"shopper": "email", "call": "phone", "paid": "card", "手机号": "phone"}
    assert found["shopper"].share == 1.0
    assert found["shopper"].example == "u0…rg"
    assert found["paid"].words == "card numbers"


def test_ids_are_no_personal_data(tmp_path):
    rows = "".join(f"{k:013d},13812345{k:03d},2020-01-{k % 28 + 1:02d} 10:00:00,12.50\n" for k in range(60))
    assert find_personal_data(raw(tmp_path, "shopper,item,time,price\n" + rows)) == []


def test_hashes_are_blake2_with_the_key():
    key = b"k" * 32
    cells = pa.chunked_array([["a@b.de", "", None, " "], ["a@b.de", "A@b.de"]])
    want = hashlib.blake2b(b"a@b.de", digest_size=16, key=key).hexdigest()
    made = hashed_cells(cells, key).to_pylist()
    assert made[:5] == [want, "", None, " ", want]
    assert made[5] != want
    assert hashed_cells(cells, b"other").to_pylist()[0] != want
    assert len(hashed_cells(pa.chunked_array([], pa.string()), key)) == 0


def test_the_key_is_made_once_for_the_owner_alone(tmp_path):
    path = tmp_path / "secrets" / "hash.key"
    key = secret_key(path)
    assert len(key) == 32
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["hash.key"]


def test_rows_that_cannot_be_cut_show_no_address(tmp_path):
    table = raw(tmp_path, "user,item,time\nal@example.org,1,2020-01-01\nbo@example.org,2,2020-01-01\ncy@example.org,1,2020-01-01,9\n")
    shown = hashed(table, ("user",), b"k")
    assert "example" not in str(shown.table.to_pylist()) + str(shown.rejects.to_pylist())
    assert shown.rejects[Reject.VALUE].to_pylist() == ["…,1,2020-01-01,9"]
    assert hashed(table, ("nobody",), b"k") is table


def test_hidden():
    assert (hidden("ab"), hidden("abcdef")) == ("…", "ab…ef")
