"""Dataset versions: figures by hand, independence of the row order, and what a failing disk leaves."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine import artefacts
from recengine.columns import BEHAVIOUR_CODE, Reject
from recengine.data.canonical import EVENT_COLUMNS, canonical_order, canonical_tables, median_price
from recengine.data.store import DatasetInfo, DatasetStore
from recengine.errors import BadInput, Corrupt, NotFound, StorageFailed

VIEW, BUY = BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["purchase"]
REJECTS = pa.table(
    {
        Reject.LINE: pa.array([3], pa.int64()),
        Reject.COLUMN: ["when"],
        Reject.VALUE: ["31/31/2020"],
        Reject.REASON: ["time not understood"],
        Reject.KIND: ["rejected"],
    }
)


def table(rows: list[dict[str, object]]) -> pa.Table:
    blank: dict[str, object] = {"behaviour": BUY, "time_s": 0, "line": 0}
    return pa.table({name: pa.array([({**blank, **row}).get(name) for row in rows], kind) for name, kind in EVENT_COLUMNS.items()})


SHOP = table(
    [
        {"user_id": "bo", "item_id": "10", "time_s": 50, "price": 4.0, "title": "Mug", "category": "Cups", "basket_id": "b2", "line": 2},
        {"user_id": "al", "item_id": "9", "time_s": 60, "price": 1.0, "title": "Plate", "quantity": 2.0, "user_feature": "DE", "line": 3},
        {"user_id": "al", "item_id": "10", "time_s": 40, "price": 2.0, "title": "Mug", "basket_id": "b1", "user_feature": "FR", "line": 4},
        {"user_id": "al", "item_id": "10", "time_s": 40, "behaviour": VIEW, "title": "mug!", "user_feature": "DE", "line": 5},
        {"user_id": "Zoë", "item_id": "007", "time_s": 10, "price": -5.0, "title": "", "category": " ", "brand": "Acme", "line": 6},
        {"user_id": "Zoë", "item_id": "007", "time_s": 10, "price": 0.0, "title": "Tea", "line": 7},
        {"user_id": "Zoë", "item_id": "007", "time_s": 11, "price": 3.0, "title": "Bag", "rating": 5.0, "line": 8},
    ]
)


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(tmp_path / "datasets")


def test_a_small_shop_by_hand(store: DatasetStore) -> None:
    info = store.publish("My  shop\n", SHOP, REJECTS, {"9", "POST"}, "€", {"file": "shop.csv", "score": float("nan")})
    dataset = store.load(info.id)
    assert dataset.users.ids.tolist() == ["Zoë", "al", "bo"]  # by code point
    assert dataset.catalogue.vocabulary.ids.tolist() == ["007", "10", "9"]
    assert dataset.log.user_codes.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert dataset.log.item_codes.tolist() == [0, 0, 0, 1, 1, 2, 1]
    assert dataset.log.times_s.tolist() == [10, 10, 11, 40, 40, 60, 50]
    assert dataset.log.behaviours.tolist() == [BUY, BUY, BUY, VIEW, BUY, BUY, BUY]
    np.testing.assert_array_equal(dataset.log.prices, np.array([-5, 0, 3, np.nan, 2, 1, 4], np.float32))
    catalogue = dataset.catalogue
    assert catalogue.titles.tolist() == ["Bag", "Mug", "Plate"]  # Bag and Tea once each: the first by text
    assert catalogue.categories.tolist() == ["", "Cups", ""]
    assert catalogue.brands.tolist() == ["Acme", "", ""]
    assert catalogue.prices.tolist() == [3.0, 3.0, 1.0]  # 007: only 3 is positive; 10: between 2 and 4
    assert catalogue.sellable.tolist() == [True, True, False]
    assert catalogue.category_source == "file"
    assert dataset.user_features.tolist() == ["", "DE", ""]
    assert (dataset.name, dataset.currency, dataset.id, dataset.fingerprint) == ("My shop", "€", info.id, info.fingerprint)
    assert (info.n_events, info.n_users, info.n_items, info.n_sellable, info.n_rejects) == (7, 3, 3, 2, 1)
    assert (info.first_s, info.last_s) == (10, 60)
    assert info.behaviours == {"view": 1, "purchase": 6}
    assert info.has == dict.fromkeys(("title", "category", "brand", "user_feature", "price", "quantity", "rating", "basket"), True)
    assert info.info == {"file": "shop.csv", "score": None}
    assert store.rejects(info.id).equals(REJECTS)
    events = store.events_table(info.id)
    assert events["basket_id"].to_pylist() == [None, None, None, None, "b1", None, "b2"]
    assert events["quantity"].to_pylist()[5] == 2.0
    assert events["user_code"].to_pylist() == dataset.log.user_codes.tolist()


def test_what_is_loaded_cannot_be_written_to(store: DatasetStore) -> None:
    dataset = store.load(store.publish("n", SHOP, REJECTS, set(), "", {}).id)
    for values in (dataset.log.times_s, dataset.log.prices, dataset.catalogue.titles, dataset.catalogue.prices, dataset.users.ids):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[1]


@given(st.permutations(range(SHOP.num_rows)), st.booleans(), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_rows_changes_nothing(order: list[int], encoded: bool, chunk: int) -> None:
    shuffled = SHOP.take(pa.array(order))
    if encoded:
        names = [name for name, kind in EVENT_COLUMNS.items() if kind == pa.string()]
        for name in names:
            column = shuffled[name].combine_chunks().dictionary_encode()
            shuffled = shuffled.set_column(shuffled.column_names.index(name), name, column)
    shuffled = pa.concat_tables([shuffled.slice(start, chunk) for start in range(0, len(order), chunk)])
    want, got = canonical_tables(SHOP, {"9"}), canonical_tables(shuffled, {"9"})
    assert got.fingerprint == want.fingerprint
    assert str(got.events.to_pylist()) == str(want.events.to_pylist())
    assert str(got.items.to_pylist()) == str(want.items.to_pylist())
    assert got.users.equals(want.users)


def test_every_fact_is_in_the_fingerprint_and_the_line_number_is_not() -> None:
    rows = [{k: v for k, v in row.items() if v is not None} for row in SHOP.to_pylist()]
    seen = {canonical_tables(SHOP, set()).fingerprint}
    assert canonical_tables(table([{**row, "line": 99} for row in rows]), set()).fingerprint in seen
    changes = {
        "user_id": "cy", "item_id": "11", "behaviour": VIEW, "time_s": 51, "quantity": 1.0, "price": 4.5, "rating": 1.0, "basket_id": "b3",
        "title": "Jug", "category": "Jugs", "brand": "Acme", "user_feature": "UK",
    }  # fmt: skip
    for name, value in changes.items():
        seen.add(canonical_tables(table([{**rows[0], name: value}, *rows[1:]]), set()).fingerprint)
    seen.add(canonical_tables(SHOP, {"9"}).fingerprint)
    seen.add(canonical_tables(table(rows[:-1]), set()).fingerprint)
    seen.add(canonical_tables(table([*rows, rows[0]]), set()).fingerprint)
    assert len(seen) == 1 + len(changes) + 3


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3)
ROWS = st.lists(st.tuples(IDS, IDS, st.integers(-(2**62), 2**62), st.floats(width=32), st.text("ab ", max_size=2)), min_size=1, max_size=30)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_any_ids_times_and_prices_survive(rows: list[tuple[str, str, int, float, str]]) -> None:
    made = table([{"user_id": u, "item_id": i, "time_s": t, "price": p, "title": w} for u, i, t, p, w in rows])
    stored = canonical_tables(made, set())
    users, items = stored.users["user_id"].to_pylist(), stored.items["item_id"].to_pylist()
    assert users == sorted({row[0] for row in rows})
    assert items == sorted({row[1] for row in rows})
    got = stored.events.to_pylist()
    again = [(users[e["user_code"]], items[e["item_code"]], e["time_s"], repr(e["price"])) for e in got]
    assert sorted(again) == sorted((u, i, t, repr(p + 0.0)) for u, i, t, p, _ in rows)
    keys = [(e["user_code"], e["time_s"], e["item_code"]) for e in got]
    assert keys == sorted(keys)
    for item, title, price in zip(items, stored.items["title"].to_pylist(), stored.items["price"].to_pylist(), strict=True):
        words = [w for _, i, _, _, w in rows if i == item and w.strip()]
        assert title == (min(set(words), key=lambda w: (-words.count(w), w)) if words else "")
        positive = [p for _, i, _, p, _ in rows if i == item and np.isfinite(p) and p > 0]
        want = np.float32(np.median(np.array(positive, dtype=np.float64))) if positive else np.float32(np.nan)
        np.testing.assert_array_equal(np.float32(price), want)


def test_wide_keys_sort_like_narrow_ones() -> None:
    random = np.random.default_rng(5)
    n = 5000
    columns = {
        "user_code": random.integers(0, 9, n).astype(np.int32),
        "time_s": random.integers(0, 3, n),
        "item_code": random.integers(0, 5, n).astype(np.int32),
        "behaviour": random.integers(0, 3, n).astype(np.int8),
        "price": random.choice(np.array([1, 2, np.nan], np.float32), n),
        "quantity": random.choice(np.array([1, np.nan], np.float32), n),
        "rating": np.full(n, np.nan, np.float32),
        "basket_id": random.integers(-1, 3, n).astype(np.int32),
    }
    names = ["user_code", "time_s", "item_code", "behaviour", "price", "quantity", "rating", "basket_id"]
    want = np.lexsort([columns[name] for name in reversed(names)])
    stretched = {**columns, "time_s": columns["time_s"] * 2**60}  # no longer fits one key
    for got in (canonical_order(columns), canonical_order(stretched)):
        for name in names:
            np.testing.assert_array_equal(columns[name][got], columns[name][want])


def test_median_price_by_hand() -> None:
    prices = np.array([1, 2, 10, 4, 4, np.nan, 0, -3, np.inf, 1e-30, 3e38, 3e38], np.float32)
    items = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 5], np.int32)
    np.testing.assert_array_equal(median_price(prices, items, 7), np.array([2, 4, np.nan, np.nan, 1e-30, 3e38, np.nan], np.float32))


def test_a_table_without_rows_or_with_holes_is_refused(store: DatasetStore) -> None:
    nobody = table([{"user_id": None, "item_id": "a"}])
    never = table([{"user_id": "a", "item_id": "a", "time_s": None}])
    for bad in (SHOP.slice(0, 0), SHOP.drop(["basket_id"]), nobody, never):
        with pytest.raises(BadInput):
            store.publish("n", bad, REJECTS, set(), "", {})
    assert store.list() == []


def test_without_optional_columns_everything_still_loads(store: DatasetStore) -> None:
    info = store.publish("bare", table([{"user_id": "u", "item_id": "i"}]), REJECTS.slice(0, 0), set(), "", {})
    dataset = store.load(info.id)
    assert dataset.catalogue.category_source == "none"
    assert dataset.catalogue.titles.tolist() == [""]
    assert np.isnan(dataset.catalogue.prices).all()
    assert info.has == dict.fromkeys(info.has, False)


def test_the_same_rows_are_recognised_and_a_copy_may_live_on(store: DatasetStore) -> None:
    first = store.publish("first", SHOP, REJECTS, set(), "€", {})
    assert store.find_by_fingerprint(first.fingerprint) == first
    second = store.publish("second", SHOP.take(pa.array([6, 5, 4, 3, 2, 1, 0])), REJECTS, set(), "$", {})
    assert second.fingerprint == first.fingerprint
    assert second.id != first.id
    assert [info.name for info in store.list()] == ["second", "first"]
    assert store.publish("third", SHOP, REJECTS, set(), "€", {}, reuse=True) == first
    assert len(store.ids()) == 2
    store.delete(first.id)
    assert store.find_by_fingerprint(first.fingerprint) == second
    assert store.find_by_fingerprint("0" * 64) is None
    assert store.exists(second.id)
    assert not store.exists(first.id)
    with pytest.raises(NotFound):
        store.load(first.id)


def test_renaming_changes_the_name_alone(store: DatasetStore) -> None:
    info = store.publish("old", SHOP, REJECTS, set(), "", {})
    store.rename(info.id, "new 行")
    assert store.info(info.id).name == store.load(info.id).name == "new 行"
    assert store.info(info.id).fingerprint == info.fingerprint
    for call in (lambda: store.rename("../x", "y"), lambda: store.load(".."), lambda: store.rejects("")):
        with pytest.raises(NotFound):
            call()


def test_a_damaged_file_is_never_loaded(store: DatasetStore) -> None:
    info = store.publish("n", SHOP, REJECTS, set(), "", {})
    for name in ("events.parquet", "items.parquet", "users.parquet", "rejects.parquet"):
        path = store.root / info.id / name
        good = path.read_bytes()
        path.write_bytes(good[: len(good) // 2] + b"\x00\xff" + good[len(good) // 2 + 2 :])
        with pytest.raises(Corrupt):
            store.load(info.id)
        path.write_bytes(good)
    store.load(info.id)


def test_a_damaged_manifest_does_not_hide_the_other_datasets(store: DatasetStore) -> None:
    bad, good = (store.publish(name, SHOP, REJECTS, set(), "", {}) for name in ("bad", "good"))
    path = store.root / bad.id / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"currency": ""', b'"currency": "$"'))
    assert [info.id for info in store.list()] == [good.id]
    assert list(store.damaged()) == [bad.id]
    assert store.find_by_fingerprint(bad.fingerprint) == good
    with pytest.raises(Corrupt):
        store.info(bad.id)
    store.delete(bad.id)
    assert store.damaged() == {}


def test_a_broken_label_does_not_hide_the_datasets(store: DatasetStore) -> None:
    info = store.publish("First name", SHOP, REJECTS, set(), "", {})
    (store.root / info.id / "label.json").write_bytes(b"{")
    assert store.list() == [info]
    assert store.load(info.id).name == "First name"


def test_a_dataset_deleted_while_the_list_is_read_is_left_out(store: DatasetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, kept = (store.publish(name, SHOP, REJECTS, set(), "", {}) for name in ("gone", "kept"))
    info = store.info

    def late(dataset_id: str) -> DatasetInfo:
        if dataset_id == gone.id:
            store.delete(gone.id)
        return info(dataset_id)

    monkeypatch.setattr(store, "info", late)
    assert store.list() == [kept]


def test_without_categories_kinds_are_read_from_the_titles(store: DatasetStore) -> None:
    rows = [{"user_id": "u", "item_id": f"{n}{what}", "title": f"Shiny {n} {what}"} for n in range(6) for what in ("candle", "teapot")]
    catalogue = store.load(store.publish("n", table(rows), REJECTS, set(), "", {}).id).catalogue
    assert catalogue.category_source == "title"
    assert catalogue.categories.tolist() == ["Candle", "Teapot"] * 6


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_at_any_write_leaves_the_old_datasets(store: DatasetStore, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = store.publish("old", SHOP, REJECTS, set(), "", {})
    owner = artefacts.NewFile if call == "write" else os
    real = getattr(owner, call)
    for fail_at in range(60):
        count = 0

        def sometimes(*arguments: object, fail_at: int = fail_at) -> object:
            nonlocal count
            count += 1
            if count > fail_at:  # a full disk stays full
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(owner, call, sometimes)
            try:
                store.publish("new", SHOP, REJECTS, set(), "", {})
                break
            except StorageFailed as error:
                told = error.what
        assert told == "The disk is full."
        assert store.ids() == [old.id]
        assert store.load(old.id).fingerprint == old.fingerprint
        assert [entry.name for entry in store.root.iterdir()] == [old.id]
    assert fail_at > 4
    assert len(store.ids()) == 2


def test_400_000_rows_are_stored_and_loaded_quickly(store: DatasetStore) -> None:
    random = np.random.default_rng(1)
    n = 400_000
    users, items = random.integers(0, 4300, n), (4000 * random.random(n) ** 2).astype(int)

    def text(codes: np.ndarray, head: str) -> pa.Array:
        names = pa.array([f"{head}{code:06d}" for code in range(int(codes.max()) + 1)])
        return names.take(pa.array(codes))

    numbers = {"behaviour": random.integers(0, 5, n), "time_s": random.integers(0, 3 * 10**7, n), "line": np.arange(n)}
    numbers |= {"quantity": random.integers(1, 5, n), "price": items % 50 + 0.5, "rating": np.full(n, np.nan)}
    texts = {"user_id": text(users, "u"), "item_id": text(items, "i"), "basket_id": text(users * 3 + items % 3, "b")}
    texts |= {"title": text(items, "Item "), "category": text(items % 40, "c"), "brand": text(items % 99, "b")}
    columns = {**numbers, **texts, "user_feature": text(users % 4, "land")}
    events = pa.table({name: pa.array(columns[name]).cast(kind) for name, kind in EVENT_COLUMNS.items()})
    started = time.process_time()
    info = store.publish("big", events, REJECTS, set(), "", {})
    stored = time.process_time()
    dataset = store.load(info.id)
    assert stored - started < 6  # CPU seconds; about 1.5 on two idle cores
    assert time.process_time() - stored < 2
    assert len(dataset.log) == n
    np.testing.assert_array_equal(np.bincount(dataset.log.item_codes), np.bincount(items)[np.unique(items)])
