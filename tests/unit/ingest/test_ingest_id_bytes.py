"""Ids are the same bytes in the stored dataset as in the file, whatever they look like and however the file is written."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recengine.data.store import DatasetStore
from recengine.ingest.importer import ingest

HAZARDS = ["007", "7", "1e5", "1E+05", "100000", "NA", "nan", "NaN", "None", "null", "NULL", "TRUE", "true", "-5", "=1+1", "+7"]
HAZARDS += ["1.0", "1", "1234567890123456789", "12345678901234567890123", "0.10", "1_000", "1,5", "inf", "-0", "0x1F", "２", "#N/A"]
HAZARDS += ["N/A", "\\N", "1/2", unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café"), "商品①", "👩\u200d👩\u200d👧"]
HAZARDS += ["ﬁ", "a b", "a\u00a0b", "x\u200b", "'q'", 'q"q', "2020-01-01", "12:30", "user_id", "item_id", "Total", "::", "a;b", "a|b"]
HAZARDS += ["@x", "tab", "Ⅷ", "١٢٣", "\ue000"]
ID = st.one_of(
    st.sampled_from(HAZARDS),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), min_size=1, max_size=12).filter(str.strip),
)
PAIRS = st.lists(st.tuples(ID, ID), min_size=1, max_size=12)


def stored(folder, path) -> tuple[list[str], list[str]]:
    done = ingest(path)
    assert done.accepted == done.physical
    info = DatasetStore(folder / "sets").publish("x", done.events, done.rejects, set(done.unsellable_item_ids), "", {})
    data = DatasetStore(folder / "sets").load(info.id)
    return sorted(data.users.ids.tolist()), sorted(data.catalogue.vocabulary.ids.tolist())


def expected(pairs) -> tuple[list[str], list[str]]:
    return sorted({user for user, _ in pairs}), sorted({item for _, item in pairs})


FULL = [(one, other) for one, other in zip(HAZARDS, HAZARDS[7:] + HAZARDS[:7], strict=True)]


def quoted(pairs, sep: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sep, quoting=csv.QUOTE_ALL)
    writer.writerow(["user_id", "item_id", "timestamp"])
    writer.writerows((user, item, 1_700_000_000 + k) for k, (user, item) in enumerate(pairs))
    return text.getvalue()


def test_every_hazard_in_every_kind_of_file(tmp_path):
    path = tmp_path / "log"
    for data in (
        quoted(FULL).encode(),
        quoted(FULL, ";").encode("utf-8-sig"),
        quoted(FULL, "\t").encode("utf-16"),
        "\n".join(json.dumps({"user_id": u, "item_id": i, "timestamp": 1_700_000_000}) for u, i in FULL).encode(),
        json.dumps([{"user_id": u, "item_id": i, "timestamp": 1_700_000_000} for u, i in FULL], ensure_ascii=False).encode(),
    ):
        path.write_bytes(data)
        assert stored(tmp_path, path) == expected(FULL)


@given(pairs=PAIRS, sep=st.sampled_from([",", ";", "\t"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_id_survives(tmp_path, pairs, sep):
    path = tmp_path / "log.csv"
    path.write_text(quoted([*FULL[:6], *pairs], sep), encoding="utf-8", newline="")
    assert stored(tmp_path, path) == expected([*FULL[:6], *pairs])
