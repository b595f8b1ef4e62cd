"""Versions that are put together: the same events give the same version, files are shared, rules and joins come and go."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.columns import BEHAVIOUR_CODE, Event, Reject
from recengine.data.assembly import assemble
from recengine.data.canonical import EVENT_COLUMNS, canonical_tables
from recengine.data.segments import Segment
from recengine.data.store import DatasetStore
from recengine.data.versions import NewLog, NewTable, Recipe
from recengine.errors import BadInput
from recengine.ingest.cleaning import Cleaning
from recengine.ingest.raw import reject_table

BUY = BEHAVIOUR_CODE["purchase"]


def table(rows: list[dict[str, object]]) -> pa.Table:
    blank: dict[str, object] = {"behaviour": BUY, "time_s": 0, "line": 0}
    return pa.table({name: pa.array([({**blank, **row}).get(name) for row in rows], kind) for name, kind in EVENT_COLUMNS.items()})


def segment(events: pa.Table, unsellable: set[str] = frozenset()) -> Segment:  # type: ignore[assignment]
    return Segment.of(canonical_tables(events, set(unsellable)))


WORDS = st.sampled_from(["a", "b", "Ä", "鞋", "007", "10"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": WORDS,
            "item_id": WORDS,
            "time_s": st.integers(0, 9),
            "price": st.sampled_from([None, 1.0, 2.0, 2.5]),
            "quantity": st.sampled_from([None, 1.0]),
            "title": st.sampled_from([None, "", "Mug", "mug", "Cup"]),
            "category": st.sampled_from([None, " ", "x", "y"]),
            "basket_id": st.sampled_from([None, "b1", "b2"]),
            "user_feature": st.sampled_from([None, "DE", "FR"]),
            "line": st.integers(1, 50),
        }
    ),
    min_size=2,
    max_size=25,
)


@settings(deadline=None, max_examples=80)
@given(ROWS, st.data())
def test_two_files_are_the_version_that_one_file_is(rows, data):
    cut = data.draw(st.integers(1, len(rows) - 1))
    whole = canonical_tables(table(rows), {"b"})
    parts = [segment(table(rows[:cut]), {"b"}), segment(table(rows[cut:]), {"b"})]
    made = assemble(parts).canonical
    assert made.fingerprint == whole.fingerprint
    for name in ("events", "items", "users"):
        assert repr(getattr(made, name).to_pylist()) == repr(getattr(whole, name).to_pylist())
    assert assemble(parts[::-1]).canonical.fingerprint == whole.fingerprint


SHOP = [
    {"user_id": "al", "item_id": "10", "time_s": 40, "price": 2.0, "title": "Mug", "line": 2},
    {"user_id": "al", "item_id": "9", "time_s": 60, "price": 1.0, "title": "Plate", "line": 3},
    {"user_id": "bo", "item_id": "10", "time_s": 50, "price": 4.0, "title": "Mug", "line": 4},
    {"user_id": "cy", "item_id": "7", "time_s": 70, "price": 4.0, "title": "Rare", "line": 5},
]
LATER = [{"user_id": "bo", "item_id": "11", "time_s": 90, "price": 3.0, "title": "Bowl", "line": 2}]
REJECTS = reject_table("shop.csv", [(6, "x", "time not understood", "rejected"), (9, "y", "no item id", "rejected")], None)
NONE = reject_table("more.csv", [], None)


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(tmp_path / "datasets")


def new(rows: list[dict[str, object]], rejects: pa.Table = NONE, **told: object) -> NewLog:
    return NewLog(segment(table(rows)), rejects, dict(told))


def test_an_appended_version_shares_the_old_files(store: DatasetStore):
    first = store.publish("Shop", table(SHOP), REJECTS, set(), "€", {})
    second = store.publish_version("Shop", first.id, {}, logs=[new(LATER, file_name="more.csv")])
    assert (second.n_events, second.n_users, second.n_items, second.currency, second.last_s) == (5, 3, 4, "€", 90)
    assert second.fingerprint == canonical_tables(table(SHOP + LATER), set()).fingerprint
    old, shared = store.root / first.id / "events.parquet", store.root / second.id / "log-1-events.parquet"
    assert os.stat(old).st_ino == os.stat(shared).st_ino
    assert store.shared_bytes(second.id) > 0
    loaded = store.load(second.id)
    assert loaded.catalogue.titles.tolist() == ["Mug", "Bowl", "Rare", "Plate"]
    assert len(loaded.log) == len(store.events_table(second.id)) == 5
    assert store.rejects(second.id).num_rows == second.n_rejects == 2
    store.delete(first.id)  # the bytes stay as long as one version has them
    assert len(store.load(second.id).log) == 5
    third = store.publish_version("Shop", second.id, {}, logs=[new([{**LATER[0], "time_s": 95}])])
    assert (third.n_events, len(store.recipe(third.id).logs)) == (6, 3)


def test_cleaning_is_undone_by_a_version_without_it(store: DatasetStore):
    plain = store.publish("Shop", table(SHOP), REJECTS, set(), "", {})
    rules = Cleaning(min_item_events=2)
    clean = store.publish_version("Shop", plain.id, {}, cleaning=rules)
    assert (clean.n_events, clean.n_items, clean.n_users, clean.n_rejects) == (2, 1, 2, 4)
    left = [row for row in store.rejects(clean.id).to_pylist() if row[Reject.KIND] == "skipped"]
    assert [(row[Reject.LINE], row[Reject.REASON], row[Reject.VALUE]) for row in left] == [
        (3, "item with fewer than 2 events", "al · 9 · 60"),
        (5, "item with fewer than 2 events", "cy · 7 · 70"),
    ]
    assert store.recipe(clean.id).cleaning == rules.model_dump(mode="json")
    assert store.load(clean.id).catalogue.titles.tolist() == ["Mug"]
    again = store.publish_version("Shop", clean.id, {})
    assert (again.fingerprint, again.n_rejects) == (plain.fingerprint, 2)
    with pytest.raises(BadInput, match="leave no event"):
        store.publish_version("Shop", plain.id, {}, cleaning=Cleaning(min_item_events=9))
    assert len(store.ids()) == 3
    from_start = store.publish_version("Shop", None, {}, logs=[new(SHOP)], cleaning=rules)
    assert from_start.fingerprint == clean.fingerprint


def test_items_and_shoppers_are_joined(store: DatasetStore):
    plain = store.publish("Shop", table(SHOP), REJECTS, set(), "", {})
    items = pa.table(
        {
            "id": ["9", "10", "77"],
            "title": ["Large plate", "", "Never sold"],
            "price": pa.array([1.5, None, 3.0], pa.float32()),
            "stock": pa.array([0, 12, 1], pa.float32()),
            "description": ["Stoneware", "", ""],
        }
    )
    people = pa.table({"id": ["al", "zo"], "city": ["Rome", "Oslo"]})
    joined = store.publish_version("Shop", plain.id, {}, tables=[NewTable("items", items, {}), NewTable("shoppers", people, {})])
    assert joined.fingerprint != plain.fingerprint
    assert joined.has["stock"]
    data = store.load(joined.id)
    assert data.catalogue.titles.tolist() == ["Mug", "Rare", "Large plate"]
    np.testing.assert_array_equal(data.catalogue.prices, np.array([3, 4, 1.5], np.float32))
    np.testing.assert_array_equal(data.catalogue.attributes["stock"], np.array([12, np.nan, 0], np.float32))
    assert data.catalogue.attributes["description"].tolist() == ["", "", "Stoneware"]
    assert data.user_features.tolist() == ["Rome", "", ""]
    assert data.user_attributes["city"].tolist() == ["Rome", "", ""]
    newer = NewTable("items", pa.table({"id": ["9"], "stock": pa.array([5], pa.float32())}), {})
    restocked = store.publish_version("Shop", joined.id, {}, tables=[newer])
    np.testing.assert_array_equal(store.load(restocked.id).catalogue.attributes["stock"], np.array([12, np.nan, 5], np.float32))
    without = store.publish_version("Shop", joined.id, {}, dropped=[0, 1])
    assert without.fingerprint == plain.fingerprint


def test_an_id_map_makes_one_shopper_of_two(store: DatasetStore):
    plain = store.publish("Shop", table(SHOP), REJECTS, set(), "", {})
    ids = pa.table({"id": ["al", "bo"], "account": ["acct", "acct"]})
    joined = store.publish_version("Shop", plain.id, {}, tables=[NewTable("id_map", ids, {})])
    data = store.load(joined.id)
    assert data.users.ids.tolist() == ["acct", "cy"]
    assert data.log.user_codes.tolist() == [0, 0, 0, 1]
    assert data.log.times_s.tolist() == [40, 50, 60, 70]


def test_mended_rows_leave_the_report(store: DatasetStore):
    plain = store.publish("Shop", table(SHOP), REJECTS, set(), "", {})
    whole = store.publish_version("Shop", plain.id, {}, logs=[new(LATER)], mended=[(0, 6)])
    assert store.rejects(whole.id)[Reject.LINE].to_pylist() == [9]
    later = store.publish_version("Shop", whole.id, {}, cleaning=Cleaning(min_item_events=2))
    assert 6 not in store.rejects(later.id)[Reject.LINE].to_pylist()


def test_versions_of_before_have_no_votes_and_no_lines(store: DatasetStore):
    plain = store.publish("Shop", table(SHOP), REJECTS, set(), "", {})
    old = store.root / plain.id
    (old / "votes.parquet").unlink()
    (old / "lines.parquet").unlink()
    from recengine.data.segments import read_segment

    made = assemble([read_segment(old, "")])
    assert made.canonical.fingerprint == plain.fingerprint
    assert made.canonical.lines.tolist() == [0, 0, 0, 0]
    assert Recipe.of({"name": "x"}).logs == [{"prefix": ""}]


def test_items_that_nobody_bought_join_the_catalogue_where_that_is_asked_for():
    rows = [{"user_id": "u1", "item_id": item, "title": f"T{item}", "time_s": k} for k, item in enumerate(("b", "d", "d", "f"))]
    log = segment(table(rows), {"f"})
    goods = pa.table({"id": ["e", "a", "d", ""], "title": ["New", "Newer", "Named", "x"], "stock": pa.array([1, 2, 3, 4], pa.float32())})
    plain, more = assemble([log], items=[goods]), assemble([log], items=[goods], unsold=[goods["id"]])
    assert plain.canonical.items["item_id"].to_pylist() == ["b", "d", "f"]
    items = more.canonical.items
    assert items["item_id"].to_pylist() == ["a", "b", "d", "e", "f"]
    assert items["title"].to_pylist() == ["Newer", "Tb", "Named", "New", "Tf"]
    assert items["sellable"].to_pylist() == [True, True, True, True, False]
    assert more.item_attributes["stock"][[0, 2, 3]].tolist() == [2, 3, 1]
    for made in (plain, more):
        ids = made.canonical.items["item_id"].take(made.canonical.events[Event.ITEM]).to_pylist()
        assert ids == ["b", "d", "d", "f"]
        owners = made.canonical.votes.filter(pc.equal(made.canonical.votes["field"], "title"))
        named = made.canonical.items["item_id"].take(owners["owner"]).to_pylist()
        assert dict(zip(named, owners["text"].to_pylist(), strict=True)) == {"b": "Tb", "d": "Td", "f": "Tf"}
    assert plain.fingerprint != more.fingerprint
    ruled = assemble([log], Cleaning(min_item_events=2), items=[goods], unsold=[goods["id"], pa.chunked_array([["b"]])])
    assert ruled.canonical.items["item_id"].to_pylist() == ["a", "d", "e"]  # b has an event, which the rule leaves out
