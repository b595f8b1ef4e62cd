"""Variants on disk: the same tensors and figures come back, or nothing does."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import torch

from recengine import artefacts
from recengine.errors import Corrupt, NotFound, StorageFailed
from recengine.variants.record import VariantRecord, state_hash
from recengine.variants.store import VariantStore

RECORD = VariantRecord(
    name="Mine",
    model="item-knn",
    config={"k": 50, "shrink": 2.5},
    dataset_id="ds-0000000000-0000",
    dataset_fingerprint="f" * 64,
    split_kind="time",
    protocol={"k": 10},
    seed=3,
    device="cpu",
    versions={"torch": torch.__version__},
    seconds=1.25,
    epochs=[{"epoch": 1, "loss": 0.5, "metrics": {"ndcg@10": 0.1}}],
    metrics={"ndcg@10": [0.1, 0.09, 0.11, 200]},
)
STATE = {
    "matrix": torch.arange(6, dtype=torch.float32).view(2, 3).t(),  # strided
    "scalar": torch.tensor(1.5, dtype=torch.float64),
    "empty": torch.zeros(0, 3),
    "half": torch.tensor([1.0, -2.0], dtype=torch.bfloat16),
    "codes": torch.tensor([2**62, -1]),
    "mask": torch.tensor([True, False]),
}


@pytest.fixture
def store(tmp_path: Path) -> VariantStore:
    return VariantStore(tmp_path / "variants")


def test_a_variant_comes_back_bit_by_bit(store: VariantStore) -> None:
    tables = {"shoppers": pa.table({"ndcg": [0.5, 1.0]}), "summary": {"mean": 0.75, "nothing": float("nan")}}
    shared = {**STATE, "same": STATE["half"], "row": STATE["matrix"][1]}
    variant_id = store.publish(RECORD, shared, tables)
    record, state = store.load(variant_id)
    assert set(state) == set(shared)
    for name, tensor in shared.items():
        assert state[name].dtype == tensor.dtype
        assert torch.equal(state[name], tensor)
    assert record == replace(RECORD, id=variant_id, model_hash=state_hash(shared), created_s=record.created_s, bytes=record.bytes)
    assert record.bytes > 100
    read = store.read_evaluation(variant_id)
    assert read["shoppers"].equals(tables["shoppers"])
    assert read["summary"] == {"mean": 0.75, "nothing": None}


def test_the_hash_knows_values_names_types_and_shapes_and_not_the_order() -> None:
    base = {"a": torch.tensor([1, 2, 3, 4]), "b": torch.zeros(1)}
    same = {"b": torch.zeros(1), "a": torch.tensor([1, 2, 3, 4])}
    assert state_hash(base) == state_hash(same)
    strided = torch.tensor([[1, 0], [2, 0], [3, 0], [4, 0]])[:, 0]
    assert state_hash({**base, "a": strided}) == state_hash(base)
    others = [
        {**base, "a": torch.tensor([1, 2, 3, 5])},
        {**base, "a": torch.tensor([[1, 2], [3, 4]])},
        {**base, "a": torch.tensor([1, 2, 3, 4], dtype=torch.int32)},
        {**base, "b": torch.zeros(1, dtype=torch.int32)},  # the same four bytes
        {"a": base["a"], "c": base["b"]},
        {"a": base["a"]},
    ]
    assert len({state_hash(base), *map(state_hash, others)}) == 7


def test_listing_by_dataset_newest_first(store: VariantStore) -> None:
    first = store.publish(RECORD, STATE)
    second = store.publish(replace(RECORD, dataset_id="ds-other", name="Two"), STATE)
    assert [record.id for record in store.list()] == [second, first]
    assert [record.id for record in store.list(RECORD.dataset_id)] == [first]
    store.rename(first, "Renamed")
    assert store.info(first).name == store.load(first)[0].name == "Renamed"
    store.delete(first)
    assert store.ids() == [second]
    for call in (store.load, store.info, store.delete, store.read_evaluation):
        with pytest.raises(NotFound):
            call(first)
        with pytest.raises(NotFound):
            call("../" + second)


def test_the_list_leaves_out_the_deleted_and_the_damaged_and_shrugs_off_a_broken_label(
    store: VariantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, bad, kept = (store.publish(RECORD, STATE) for _ in range(3))
    path = store.root / bad / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"item-knn", b"item-nnk"))
    (store.root / kept / "label.json").write_bytes(b'{"name"')
    info = store.info

    def late(variant_id: str) -> VariantRecord:
        if variant_id == gone:
            store.delete(gone)
        return info(variant_id)

    monkeypatch.setattr(store, "info", late)
    assert [(record.id, record.name) for record in store.list()] == [(kept, "Mine")]


def test_a_reserved_id_is_published_once(store: VariantStore) -> None:
    reserved = artefacts.new_id("va")
    assert not store.exists(reserved)
    assert store.publish(replace(RECORD, id=reserved), STATE) == reserved
    assert store.exists(reserved)
    with pytest.raises(FileExistsError):
        store.publish(replace(RECORD, id=reserved), STATE)


def test_a_damaged_or_swapped_model_is_never_read(store: VariantStore) -> None:
    variant_id = store.publish(RECORD, STATE)
    path = store.root / variant_id / "model.safetensors"
    good = path.read_bytes()
    for bad in (good[:-1], good + b"\0", good[:-1] + bytes([good[-1] ^ 1]), b"\x80\x05cos\nsystem\n", b""):
        path.write_bytes(bad)
        with pytest.raises(Corrupt):
            store.load(variant_id)
    path.write_bytes(good)
    store.load(variant_id)


def test_table_names_are_plain_words(store: VariantStore) -> None:
    for name in ("../x", "a.b", "", "ä"):
        with pytest.raises(ValueError, match="table name"):
            store.publish(RECORD, STATE, {name: {}})
    assert store.ids() == []


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_at_any_write_leaves_the_old_variants(store: VariantStore, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = store.publish(RECORD, STATE)
    owner = artefacts.NewFile if call == "write" else os
    real = getattr(owner, call)
    for fail_at in range(40):
        count = 0

        def sometimes(*arguments: object, fail_at: int = fail_at) -> object:
            nonlocal count
            count += 1
            if count > fail_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(owner, call, sometimes)
            try:
                store.publish(RECORD, STATE, {"summary": {"a": 1}})
                break
            except StorageFailed as error:
                told = error.what
        assert told == "The disk is full."
        assert store.ids() == [old]
        assert [entry.name for entry in store.root.iterdir()] == [old]
    assert fail_at >= 2
    assert len(store.ids()) == 2


def test_a_single_number_without_a_stride_has_the_hash_of_any_other():
    strideless = torch.as_strided(torch.ones(3), (1,), (0,))
    assert state_hash({"a": strideless}) == state_hash({"a": torch.ones(1)})
