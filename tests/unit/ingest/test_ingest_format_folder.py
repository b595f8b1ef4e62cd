"""The folder of formats, walked: every format has a file of its own that is recognised as it, before all others, and read right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from format_fixtures import FIXTURES, Fixture

from recengine.columns import BEHAVIOURS, Role
from recengine.ingest.formats.registry import known_formats
from recengine.ingest.importer import ingest


def test_every_format_of_the_folder_has_a_file():
    assert {fixture.format for fixture in FIXTURES} == set(known_formats())


@pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture.format for fixture in FIXTURES])
def test_a_file_of_each_format(fixture: Fixture, tmp_path: Path):
    path = tmp_path / "upload"
    path.write_text(fixture.text, encoding="utf-8")
    done = ingest(path)
    assert done.mapping.format == fixture.format
    assert done.recognition.confidence >= 0.85
    roles = {name: role.value for name, role in done.mapping.roles.items() if role is not Role.UNUSED}
    if fixture.roles:
        assert roles == parsed(fixture.roles, done.recognition.raw.names)
    else:
        assert list(done.mapping.roles.values())[: len(known_formats()[fixture.format].order)] == list(
            known_formats()[fixture.format].order
        )
    first = done.events.to_pylist()[0]
    assert (first["user_id"], first["item_id"], first["time_s"]) == fixture.first
    assert " ".join(BEHAVIOURS[code].value for code in done.events["behaviour"].to_pylist()) == fixture.behaviours
    assert (done.accepted, done.rejected, done.skipped) == fixture.counts
    assert done.accepted + done.rejected + done.skipped == done.physical


@pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture.format for fixture in FIXTURES])
def test_the_file_is_surest_for_its_own_format(fixture: Fixture):
    header = fixture.text.splitlines()[0]
    sure = {}
    for name, form in known_formats().items():
        if fixture.roles:
            delimiter = max("\t;,", key=header.count)
            sure[name] = form.confidence(header.split(delimiter))
        elif form.recognise_rows:
            delimiter = next(d for d in ("::", "\t", ",") if d in header)
            sure[name] = form.recognise_rows([line.split(delimiter) for line in fixture.text.splitlines()], delimiter)
    best = sorted(sure, key=sure.__getitem__)[-2:]
    assert best[1] == fixture.format
    assert sure[best[0]] < sure[best[1]]


def parsed(text: str, names: list[str]) -> dict[str, str]:
    """`column=role` pairs; columns may hold blanks."""
    found = {}
    for name in names:
        for role in Role:
            if f" {name}={role.value} " in f" {text} ":
                found[name] = role.value
    assert len(found) == text.count("=")
    return found


def test_shopify_fills_its_orders_down(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(next(f.text for f in FIXTURES if f.format == "shopify_orders"))
    done = ingest(path)
    second = done.events.to_pylist()[1]
    assert (second["user_id"], second["item_id"], second["basket_id"], second["user_feature"]) == (
        "ana@example.org",
        "TOW-9",
        "#1001",
        "DE",
    )
    reasons = [(row["line"], row["kind"], row["reason"]) for row in done.rejects.to_pylist()]
    assert reasons == [
        (4, "skipped", "cancellation or return"),
        (5, "skipped", "cancellation or return"),  # its own cells say nothing of the cancellation
        (6, "rejected", "no item id"),
    ]


JSON_LINES = {
    "otto": [{"session": 42, "events": [{"aid": k, "ts": 1_661_200_010_000 + k, "type": t} for k, t in enumerate(("clicks", "carts"))]}],
    "ga4_bigquery": [
        {
            "event_timestamp": "1740816000000001",
            "event_name": "purchase",
            "user_pseudo_id": "813.17",
            "items": [{"item_id": "MUG", "price": 10.0, "quantity": 1}, {"item_id": "TOW", "price": 8.0, "quantity": 2}],
        }
    ],
    "google_retail": [
        {
            "eventType": "purchase-complete",
            "visitorId": "v1",
            "eventTime": "2025-03-01T10:00:00Z",
            "productDetails": [{"product": {"id": name}, "quantity": 1} for name in ("MUG", "TOW")],
        }
    ],
    "algolia_insights": [
        {"eventType": "click", "eventName": "x", "userToken": "u", "timestamp": 1_641_290_601_962, "objectIDs": ["007", "TOW"]},
        {"eventType": "view", "eventName": "x", "userToken": "u", "timestamp": 1_641_290_601_962, "objectIDs": []},
    ],
}


@pytest.mark.parametrize("name", sorted(JSON_LINES))
def test_nested_exports_as_they_come(name, tmp_path: Path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in JSON_LINES[name]))
    done = ingest(path)
    assert done.mapping.format == name
    assert (done.events.num_rows, done.rejected) == (2, 1 if name == "algolia_insights" else 0)
    items = {"otto": ["0", "1"], "algolia_insights": ["007", "TOW"]}.get(name, ["MUG", "TOW"])
    assert done.events["item_id"].to_pylist()[:2] == items
    assert done.accepted + done.rejected + done.skipped == done.physical


def test_criteo_reads_minus_one_as_unknown(tmp_path: Path):
    path = tmp_path / "criteo"
    path.write_text(next(f.text for f in FIXTURES if f.format == "criteo_sponsored_search"))
    rows = ingest(path).events.to_pylist()
    assert rows[0]["price"] != rows[0]["price"]  # unknown
    assert [row["brand"] for row in rows] == ["", "B7"]
    assert rows[1]["price"] == 20.5
