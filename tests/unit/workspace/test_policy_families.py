"""Policies and the versions of a dataset: next week's file is shown under what is live, and only the last version takes them along."""

from __future__ import annotations

from pathlib import Path

import pytest

from recengine.errors import BadInput, NotFound
from recengine.workspace import Workspace

HEADER = "user_id,item_id,event_type,timestamp\n"
BLOCK = {"rules": [{"action": "block", "conditions": [{"field": "id", "op": "is", "values": ["a1"]}]}]}


def week(n: int) -> str:
    return HEADER + "".join(f"k{k % 9},a{k % 7},purchase,2025-0{n}-{k % 7 + 1:02d} 10:{k:02d}:00\n" for k in range(50))


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def taken(shop: Workspace, tmp_path: Path, n: int, base: str = "") -> str:
    path = tmp_path / f"w{n}.csv"
    path.write_text(week(n), encoding="utf-8")
    upload = shop.datasets.stage_path(path)
    return shop.versions.take_in(upload, base=base).dataset if base else shop.datasets.import_now(upload, "Laden").dataset


def test_what_is_live_holds_for_the_next_version_too(shop, tmp_path):
    first = taken(shop, tmp_path, 1)
    home = shop.policies.save(first, "Home page", BLOCK, "ann")
    shop.policies.publish(home.id)
    work = shop.drafts.keep(None, first, {}, home.id, 1)
    second = taken(shop, tmp_path, 2, first)
    assert second != first
    assert shop.policies.live(second).id == home.id
    assert [row.id for row in shop.policies.list(second)] == [home.id] == [row.id for row in shop.tuning.policies(second)]
    assert [(row.id, row.dataset) for row in shop.drafts.list(second)] == [(work.id, second)]
    assert shop.drafts.get(work.id, second).dataset == second
    assert shop.policies.save(second, "Home page", {}, "bob", policy=home.id).latest == 2
    other = shop.policies.save(second, "Cart", {}, "bob")
    assert {row.id for row in shop.policies.list(first)} == {home.id, other.id}
    stranger = taken(shop, tmp_path, 3)
    assert (shop.policies.list(stranger), shop.policies.live(stranger), shop.drafts.list(stranger)) == ((), None, ())
    with pytest.raises(BadInput):
        shop.policies.save(stranger, "Home page", {}, policy=home.id)


@pytest.mark.parametrize("gone", [0, 1])
def test_deleting_a_version_keeps_the_policies_of_the_others(shop, tmp_path, gone):
    first = taken(shop, tmp_path, 1)
    both = (first, taken(shop, tmp_path, 2, first))
    saved = [shop.policies.save(version, f"of {n}", BLOCK, "ann").id for n, version in enumerate(both)]
    shop.policies.publish(saved[gone])
    work = shop.drafts.keep(None, both[gone], {}, saved[gone], 1)
    shop.datasets.delete(both[gone])
    left = both[1 - gone]
    assert {row.id for row in shop.policies.list(left)} == set(saved)
    assert shop.policies.live(left).id == saved[gone]
    assert shop.policies.get(saved[gone]).dataset == left
    assert [row.id for row in shop.drafts.list(left)] == [work.id]
    shop.datasets.delete(left)
    for policy in saved:
        with pytest.raises(NotFound):
            shop.policies.get(policy)
