"""Bytes that nobody meant: a clear refusal, or an import that accounts for every row. Never anything else."""

from __future__ import annotations

import gzip

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recengine.errors import BadInput
from recengine.ingest.importer import ingest

SEEDS = [
    b'user,item,time,price,quantity\n1,2,2020-01-01,1.5,2\n3,"a,b",2020-01-02,2,1\n',
    "用户,商品,行为,时间\n张,鞋,购买,2020-01-01\n".encode("gb18030"),
    "user;item\n1;2\n".encode("utf-16"),
    b"1::2::3::978300760\n4::5::1::978300761\n",
    gzip.compress(b"user,item\n1,2\n", mtime=0),
    b"user_id:token\titem_id:token\n1\t2\n",
    "user,item,title\n1,2,café\n".encode("cp1252"),
]
TOKENS = [b'"', b",", b"\n", b"\r", b"\r\n", b";", b"\t", b"::", b"\xff", b"\xe9", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"-"]
TOKENS += [b"1e999", b"=", b" ", b"2020-13-01", b"\xc2\xa0", b"99999999999999999999", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"PAR1"]
EDIT = st.tuples(st.floats(0, 1), st.sampled_from([*TOKENS, None]), st.integers(1, 6))


@given(seed=st.sampled_from(SEEDS), times=st.sampled_from([1, 3]), edits=st.lists(EDIT, max_size=8))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_refused_or_accounted_for(tmp_path, seed, times, edits):
    data = bytearray(seed * times)
    for place, token, length in edits:
        at = int(place * len(data))
        if token is None:
            del data[at : at + length]
        else:
            data[at:at] = token
    path = tmp_path / "upload"
    path.write_bytes(bytes(data))
    try:
        done = ingest(path)
    except BadInput:
        return
    assert done.accepted + done.rejected + done.skipped == done.physical
    assert done.accepted == done.events.num_rows > 0
