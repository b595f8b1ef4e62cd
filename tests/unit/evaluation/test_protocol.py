"""The whole evaluation: who is asked what, what is never listed, and figures that can be stored and compared."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import LeakageReport, Split, Targets, leave_last_out, time_split
from recengine.data.vocabulary import Vocabulary
from recengine.errors import BadInput, Corrupt
from recengine.evaluation.metrics.base import Shop
from recengine.evaluation.protocol import evaluate, judge
from recengine.evaluation.result import Evaluation
from recengine.evaluation.significance import compare

N_USERS, N_ITEMS = 150, 60


class Popular:
    """The items with most events, in order of their count; honest about what it may not list."""

    def __init__(self, log: EventLog, sign: float = 1.0) -> None:
        self.counts = sign * np.bincount(log.item_codes, minlength=log.n_items).astype(float)
        self.asked: list[Histories] = []

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None
    ) -> SimpleNamespace:
        assert exclude is not None
        assert allow is not None
        self.asked.append(histories)
        scores = np.tile(self.counts, (len(histories), 1))
        scores[:, ~allow] = -np.inf
        scores[exclude.nonzero()] = -np.inf
        lists = np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
        best = np.take_along_axis(scores, lists, axis=1)
        return SimpleNamespace(
            item_codes=np.where(np.isinf(best), -1, lists).astype(np.int32), scores=np.where(np.isinf(best), np.nan, best)
        )


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    made = Catalogue.bare(Vocabulary.build([f"i{i:03d}" for i in range(N_ITEMS)]))
    made.sellable[7] = False
    return made


@pytest.fixture(scope="module")
def split(catalogue: Catalogue) -> Split:
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, N_ITEMS + 1)
    # activity differs a hundredfold, so that cold, warm and hot shoppers exist
    activity = np.linspace(0.002, 1, N_USERS) ** 2.5
    users = rng.choice(N_USERS, 3_000, p=activity / activity.sum())
    items = rng.choice(N_ITEMS, 3_000, p=weights / weights.sum())
    log = EventLog.build(users, items, rng.integers(0, 10**7, 3_000), N_USERS, N_ITEMS)
    return time_split(log, catalogue.sellable, share=0.2)


@pytest.fixture(scope="module")
def found(split: Split, catalogue: Catalogue) -> Evaluation:
    return evaluate(Popular(split.past), split, catalogue, np.random.default_rng(0).normal(size=(N_ITEMS, 4)))


def test_lists_hold_neither_owned_nor_unsellable_items(found: Evaluation, split: Split) -> None:
    assert len(found) == len(split.test)
    assert found.lists.shape == (len(found), 20)
    for row in range(len(found)):
        listed = found.lists[row][found.lists[row] >= 0].tolist()
        own = split.test.histories.item_codes[split.test.histories.indptr[row] : split.test.histories.indptr[row + 1]]
        assert not set(listed) & set(own.tolist())
        assert 7 not in listed
        assert len(set(listed)) == len(listed)


def test_figures_equal_a_plain_loop(found: Evaluation, split: Split) -> None:
    for k in (5, 10, 20):
        recall, ndcg = [], []
        for row in range(len(found)):
            answers = set(split.test.truth(row).tolist())
            hits = [item in answers for item in found.lists[row, :k].tolist()]
            recall.append(sum(hits) / len(answers))
            ideal = sum(1 / np.log2(i + 2) for i in range(min(k, len(answers))))
            ndcg.append(sum(h / np.log2(i + 2) for i, h in enumerate(hits)) / ideal)
        assert found.per_shopper[f"recall@{k}"] == pytest.approx(recall)
        assert found.per_shopper[f"ndcg@{k}"] == pytest.approx(ndcg)
        assert found.estimates[f"ndcg@{k}"].value == pytest.approx(np.mean(ndcg))


def test_every_figure_has_an_interval_around_it(found: Evaluation) -> None:
    for name, estimate in found.estimates.items():
        assert estimate.low <= estimate.value <= estimate.high, name
        assert estimate.n > 0
    assert {"ndcg@10", "coverage@10", "gini@5", "diversity@20", "tail_share@5"} <= set(found.estimates)
    assert next(iter(found.estimates)) == "ndcg@5"


def test_the_question_is_asked_at_the_cut_with_nothing_after_it(split: Split, catalogue: Catalogue) -> None:
    model = Popular(split.past)
    evaluate(model, split, catalogue, ks=(5,))
    asked = model.asked[0]
    assert (asked.now_s == split.cut_s).all()
    assert asked.times_s.max() < split.cut_s


def test_batches_do_not_change_a_figure(found: Evaluation, split: Split, catalogue: Catalogue) -> None:
    seen: list[tuple[int, int]] = []
    vectors = np.random.default_rng(0).normal(size=(N_ITEMS, 4))
    small = evaluate(Popular(split.past), split, catalogue, vectors, batch=7, progress=lambda done, of: seen.append((done, of)))
    assert np.array_equal(small.lists, found.lists)
    assert small.estimates == found.estimates
    assert seen[-1] == (len(found), len(found))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


def test_popularity_is_that_of_the_events_the_model_was_fitted_on(found: Evaluation, split: Split, catalogue: Catalogue) -> None:
    had = [len(np.unique(split.past.user_codes[split.past.item_codes == i])) for i in range(N_ITEMS)]
    bits = -np.log2((np.array(had) + 1) / (len(np.unique(split.past.user_codes)) + 1))
    assert found.per_shopper["novelty@20"][0] == pytest.approx(bits[found.lists[0][found.lists[0] >= 0]].mean())
    items = [s.members for s in found.segments if s.kind == "items"]
    hot = Shop.of(split.past, catalogue.sellable).head.sum()
    assert items[2] == hot


def test_a_wider_k_leaves_the_narrow_figures_alone(found: Evaluation, split: Split, catalogue: Catalogue) -> None:
    narrow = evaluate(Popular(split.past), split, catalogue, ks=(5,))
    assert np.array_equal(narrow.per_shopper["ndcg@5"], found.per_shopper["ndcg@5"])
    assert narrow.lists.shape[1] == 5
    assert not any(name.startswith("diversity") for name in narrow.estimates)


def test_lists_longer_than_the_catalogue_end(split: Split, catalogue: Catalogue) -> None:
    long = evaluate(Popular(split.past), split, catalogue, ks=(N_ITEMS + 30,))
    assert long.lists.shape[1] == N_ITEMS + 30
    assert (long.lists[:, -1] == -1).all()
    assert long.estimates[f"recall@{N_ITEMS + 30}"].value == pytest.approx(1.0)  # everything sellable and new is listed


def test_the_validation_part_asks_earlier(split: Split, catalogue: Catalogue) -> None:
    model = Popular(split.train)
    valid = evaluate(model, split, catalogue, ks=(5,), part="valid")
    assert len(valid) == len(split.valid)
    assert (model.asked[0].now_s < split.cut_s).all()
    with pytest.raises(ValueError, match="part"):
        evaluate(model, split, catalogue, part="train")


def test_segments_part_the_shoppers_and_the_answers(found: Evaluation, split: Split) -> None:
    lengths = split.test.histories.lengths
    shoppers = {s.key: s for s in found.segments if s.kind == "shoppers"}
    items = {s.key: s for s in found.segments if s.kind == "items"}
    assert [shoppers[key].members for key in ("cold", "warm", "hot")] == [
        int((lengths <= 2).sum()),
        int(((lengths > 2) & (lengths < 20)).sum()),
        int((lengths >= 20).sum()),
    ]
    assert min(s.members for s in shoppers.values()) > 0
    assert sum(s.answers for s in shoppers.values()) == sum(s.answers for s in items.values()) == len(found.truth_items)
    assert sum(s.members for s in items.values()) == N_ITEMS
    hot = found.per_shopper["ndcg@10"][lengths >= 20]
    assert shoppers["hot"].estimates["ndcg@10"].value == pytest.approx(hot.mean())
    assert (found.shopper_segment == np.where(lengths <= 2, 0, np.where(lengths < 20, 1, 2))).all()


def test_recall_on_items_by_hand() -> None:
    past = EventLog.build(np.zeros(100), np.repeat([0, 1, 2], [85, 12, 3]), np.arange(100), 1, 4)  # item 0 hot, 1 warm, 2 and 3 cold
    targets = Targets(Histories.of_items([[], []]), np.array([0, 3, 4]), np.array([0, 1, 3, 2], dtype=np.int32))
    lists = np.array([[0, 3], [1, -1]], dtype=np.int32)
    made = judge(lists, lists.astype(float), targets, Shop.of(past, np.ones(4, bool)), ks=(1, 2))
    items = {s.key: s.estimates for s in made.segments if s.kind == "items"}
    assert (items["hot"]["recall@2"].value, items["hot"]["recall@2"].n) == (1.0, 1)
    assert (items["warm"]["recall@2"].value, items["warm"]["recall@2"].n) == (0.0, 1)
    assert (items["cold"]["recall@2"].value, items["cold"]["recall@2"].n) == (0.5, 2)
    assert items["cold"]["recall@1"].value == 0.0


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda lists, _: np.repeat(lists[:, :1], lists.shape[1], axis=1), "twice"),
        (lambda lists, own: np.where(np.arange(lists.shape[1]) == 0, own[:, None], lists), "already has"),
        (lambda lists, _: np.where(np.arange(lists.shape[1]) == 1, 7, lists), "not allowed"),
        (lambda lists, _: np.where(np.arange(lists.shape[1]) == 2, N_ITEMS, lists), "outside the catalogue"),
    ],
)
def test_a_model_that_breaks_its_contract_is_not_judged(spoil, message: str, split: Split, catalogue: Catalogue) -> None:
    class Spoilt(Popular):
        def recommend(self, histories, k, exclude=None, allow=None):
            made = super().recommend(histories, k, exclude, allow)
            own = histories.item_codes[histories.indptr[:-1]]
            own = np.where(own == 7, histories.item_codes[histories.indptr[1:] - 1], own)
            return SimpleNamespace(item_codes=spoil(made.item_codes, own).astype(np.int32), scores=made.scores)

    with pytest.raises(ValueError, match=message):
        evaluate(Spoilt(split.past), split, catalogue, ks=(5,))


def test_stored_and_read_back_through_parquet_and_json(found: Evaluation, tmp_path: Path) -> None:
    table, summary = found.to_tables()
    pq.write_table(table, tmp_path / "shoppers.parquet", row_group_size=40)
    (tmp_path / "summary.json").write_text(json.dumps(summary, allow_nan=False))
    again = Evaluation.from_tables(pq.read_table(tmp_path / "shoppers.parquet"), json.loads((tmp_path / "summary.json").read_text()))
    for name, value in vars(found).items():
        other = getattr(again, name)
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype, name
            np.testing.assert_array_equal(value, other, err_msg=name)
        elif name == "per_shopper":
            assert list(value) == list(other)
            for key in value:
                np.testing.assert_array_equal(value[key], other[key])
        else:
            assert repr(value) == repr(other), name
    assert compare(found, again, ["ndcg@10"])["ndcg@10"].p_value == 1.0


def test_a_part_of_the_stored_shoppers_can_be_read(found: Evaluation) -> None:
    table, summary = found.to_tables()
    part = Evaluation.from_tables(table.slice(5, 10), summary)
    rows = range(5, 15)
    assert part.user_codes.tolist() == found.user_codes[5:15].tolist()
    assert np.array_equal(part.lists, found.lists[5:15])
    expected = [found.truth_items[found.truth_indptr[b] : found.truth_indptr[b + 1]].tolist() for b in rows]
    assert [part.truth_items[part.truth_indptr[b] : part.truth_indptr[b + 1]].tolist() for b in range(10)] == expected


def test_an_evaluation_of_nobody_survives_storage(catalogue: Catalogue) -> None:
    nobody = Targets(Histories.of_items([]), np.zeros(1, np.int64), np.zeros(0, np.int32))
    empty = EventLog.build(np.zeros(0), np.zeros(0), np.zeros(0), 0, N_ITEMS)
    split = Split("time", empty, nobody, empty, nobody, 0, LeakageReport(0, 0, 0, 0, ""), "")
    made = evaluate(Popular(empty), split, catalogue)
    assert np.isnan(made.estimates["ndcg@10"].value)
    table, summary = made.to_tables()
    again = Evaluation.from_tables(table, json.loads(json.dumps(summary, allow_nan=False)))
    assert again.lists.shape == (0, 20)
    assert np.isnan(again.estimates["coverage@10"].value)


def test_damaged_figures_are_refused(found: Evaluation) -> None:
    table, summary = found.to_tables()
    with pytest.raises(Corrupt, match="version"):
        Evaluation.from_tables(table, summary | {"format": 99})
    with pytest.raises(Corrupt, match="recall@10"):
        Evaluation.from_tables(table.drop_columns(["recall@10"]), summary)
    with pytest.raises(Corrupt):
        Evaluation.from_tables(table, {"format": 1})


def test_comparison_of_two_models(found: Evaluation, split: Split, catalogue: Catalogue) -> None:
    worst = evaluate(Popular(split.past, sign=-1.0), split, catalogue)
    names = ["ndcg@10", "recall@20", "popularity_bias@10", "tail_share@10"]
    results = compare(found, worst, names)
    assert list(results) == names
    assert results["ndcg@10"].verdict == "better"
    assert results["popularity_bias@10"].verdict == "worse"  # more popular is a higher, not a better, figure
    assert results["tail_share@10"].verdict == "worse"
    assert all(r.p_adjusted >= r.p_value for r in results.values())
    expected = np.mean(found.per_shopper["ndcg@10"] - worst.per_shopper["ndcg@10"])
    assert results["ndcg@10"].difference == pytest.approx(expected)
    earlier = evaluate(Popular(split.train), split, catalogue, part="valid")
    with pytest.raises(BadInput, match="different shoppers"):
        compare(found, earlier, ["ndcg@10"])


def test_importing_the_evaluation_stays_light() -> None:
    import subprocess
    import sys

    code = (
        "import sys, recengine.evaluation.protocol, recengine.evaluation.significance;"
        "print('torch' in sys.modules, 'streamlit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]


def test_answers_that_no_list_can_hold_are_told() -> None:
    rows = [(u, i, t) for u in range(4) for t, i in enumerate([u, u + 1, u + 2, u if u < 3 else 7])]  # three take their first item again
    user, item, at = np.array(rows).T
    log = EventLog.build(user, item, at, 4, 8)
    shop = Catalogue.bare(Vocabulary.build([f"i{i}" for i in range(8)]))
    left_out = leave_last_out(log)
    assert "3 answers were already owned" in evaluate(Popular(left_out.past), left_out, shop, ks=(2,)).protocol
    shop.sellable[7] = False
    assert "4 answers were already owned or are not sold" in evaluate(Popular(left_out.past), left_out, shop, ks=(2,)).protocol


def test_a_clean_protocol_says_nothing_of_it(found: Evaluation) -> None:
    assert "already owned" not in found.protocol
    assert "Full ranking of 59 sellable items" in found.protocol
