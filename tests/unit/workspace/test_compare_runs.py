"""Variants beside each other: what may be compared, who gains, why items move, what people write, what they cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.errors import BadInput, Corrupt, NotFound
from recengine.explain.said_lists import SaidPlace, SaidTerm
from recengine.state import AuditTrail
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.types.policies import PolicyUse
from recengine.types.runs import MoveTerm, SegmentVerdict
from recengine.workspace import Workspace
from recengine.workspace.comparison_words import gains_sentence, move_sentence, shift_sentence
from recengine.workspace.judged import judged_figures, refuse_unlike, stored_places
from recengine.workspace.list_moves import move_terms


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str]]:
    folder = tmp_path_factory.mktemp("runs")
    make_demo_store(folder / "demo", seed=5, shoppers=150, days=60)
    ws = Workspace(folder / "ws")
    report = ws.datasets.import_now(ws.datasets.stage_path(folder / "demo" / "events.csv", "demo"))
    found = {}
    for name in ("popularity", "item-knn", "als", "other"):
        model, split = (name, "time") if name != "other" else ("popularity", "leave-last")
        asked = TrainingRequest(report.dataset, model, preset="quick", device="cpu", split=split)
        found[name] = ws.run_attached("train", ws.training.arguments(asked), name)["variant"]
    return ws, found


def rows(shop):
    ws, variants = shop
    return ws.variants.get(variants["popularity"]), ws.variants.get(variants["item-knn"])


def test_a_training_says_what_it_was_judged_on(shop):
    one, two = rows(shop)
    assert one.judged_on == two.judged_on
    assert one.judged_on["split"] == "time"
    assert one.judged_on["shoppers"] == one.n_shoppers
    refuse_unlike([one, two])


@pytest.mark.parametrize(
    ("change", "words", "sides"),
    [
        ({"dataset": "ds-x", "dataset_name": "New file"}, "different dataset versions", ("demo (ds-", "New file (ds-x)")),
        ({"split": "leave-last"}, "different splits", ("split by time", "each shopper's last event left out")),
        ({"cut_s": 1_700_000_000}, "different periods", ("what came after", "what came after 2023-11-14")),
        ({"candidate_set": "x", "candidates": 7}, "different candidate sets", ("items", "7 items")),
        ({"answers": "x", "shoppers": 3}, "different shoppers", ("shoppers", "3 shoppers")),
    ],
)
def test_what_cannot_be_compared_is_refused_with_both_sides(shop, change, words, sides):
    one, two = rows(shop)
    own = {name: value for name, value in change.items() if name in ("dataset", "dataset_name", "split")}
    other = replace(two, **own, judged_on={**two.judged_on, **{n: v for n, v in change.items() if n not in own}})
    with pytest.raises(BadInput, match=words) as refused:
        refuse_unlike([one, other])
    assert all(side in refused.value.why for side in sides)
    assert refused.value.fix


def test_variants_from_before_it_was_recorded_are_told_by_their_protocol(shop):
    one, two = rows(shop)
    refuse_unlike([replace(one, judged_on={}), two])
    with pytest.raises(BadInput, match="different protocols"):
        refuse_unlike([replace(one, judged_on={}, protocol="Something else."), two])


def test_stored_figures_are_those_of_the_evaluation_and_a_changed_file_is_refused(shop):
    ws, variants = shop
    found, whole = judged_figures(ws._context, variants["als"], "ndcg@10"), ws.comparison.evaluation(variants["als"])
    np.testing.assert_array_equal(found.values, whole.per_shopper["ndcg@10"])
    np.testing.assert_array_equal(found.segment, whole.shopper_segment)
    np.testing.assert_array_equal(found.truth_items, whole.truth_items)
    np.testing.assert_array_equal(found.truth_indptr, whole.truth_indptr)
    np.testing.assert_array_equal(stored_places(ws._context, variants["als"])[:, :10], whole.lists[:, :10])
    assert judged_figures(ws._context, variants["als"], "coverage@10").values is None
    with pytest.raises(Corrupt, match="cannot be read"):
        ws._context.variants.read_columns(variants["als"], "shoppers", ("nothing",))


def test_who_gains_counts_its_own_segments(shop):
    ws, variants = shop
    found = ws.comparison.who_gains(variants["item-knn"], variants["popularity"])
    a, b = (ws.comparison.evaluation(v) for v in (variants["item-knn"], variants["popularity"]))
    d = a.per_shopper["ndcg@10"] - b.per_shopper["ndcg@10"]
    assert found.overall.difference == pytest.approx(d.mean())
    for place, row in enumerate(found.segments):
        inside = a.shopper_segment == place
        assert row.n == inside.sum()
        if row.n:
            assert row.difference == pytest.approx(d[inside].mean())
            assert row.n == 1 or row.low <= row.difference <= row.high
    back = ws.comparison.who_gains(variants["popularity"], variants["item-knn"])
    assert back.overall.difference == pytest.approx(-found.overall.difference)
    with pytest.raises(BadInput, match="single shoppers"):
        ws.comparison.who_gains(variants["item-knn"], variants["popularity"], "coverage@10")
    with pytest.raises(BadInput, match="different splits"):
        ws.comparison.who_gains(variants["item-knn"], variants["other"])


def verdict(segment: str, difference: float, said: str, n: int = 50) -> SegmentVerdict:
    return SegmentVerdict(segment, difference, difference - 0.01, difference + 0.01, 0.01, n, said, 100)


def test_sentences_say_for_whom_and_where_the_data_cannot_tell():
    cold, warm, hot = verdict("cold", 0.03, "better"), verdict("warm", -0.02, "worse"), verdict("hot", 0.001, "cannot tell")
    said = gains_sentence("A", "B", "ndcg@10", verdict("all", 0.01, "cannot tell"), (cold, warm, hot))
    assert said == (
        "A is better than B on new shoppers (+0.030 NDCG@10) and worse than B on occasional shoppers (−0.020 NDCG@10); "
        "on regulars the data cannot tell."
    )
    unsure = [verdict(s, 0.001, "cannot tell") for s in ("cold", "warm", "hot")]
    assert gains_sentence("A", "B", "ndcg@10", verdict("all", 0.001, "cannot tell"), unsure).startswith("No kind of shopper")
    assert "All shoppers together, A is better than B" in gains_sentence("A", "B", "ndcg@10", verdict("all", 0.01, "better"), unsure)
    none = gains_sentence("A", "B", "ndcg@10", verdict("all", 0.03, "better"), (verdict("cold", np.nan, "", 0), cold))
    assert "there are no new shoppers" in none


def said(score: float, base: float, **adds: float) -> SaidPlace:
    terms = tuple(SaidTerm("signal", name, name.title(), "", value) for name, value in adds.items())
    return SaidPlace(1, 1, "i", "Item", score, base, terms, (), "", "")


def test_terms_on_one_scale_add_up_to_the_change_of_the_score():
    before, after = said(0.2, 0.05, a=0.1, b=0.03, c=0.01, d=0.01), said(0.5, 0.1, a=0.3, b=0.04, e=0.03, f=0.02, c=0.01)
    found = move_terms(before, after, comparable=True)
    assert found[0] == MoveTerm("A", 0.1, 0.3)
    assert len(found) == 5
    assert found[-1].name == "3 smaller terms"
    assert sum(t.after - t.before for t in found) == pytest.approx(0.5 - 0.2)


def test_terms_on_two_scales_are_shares_of_their_own_side():
    found = move_terms(said(40.0, 0.0, a=30.0, b=10.0), said(0.4, 0.0, a=0.1, c=-0.3), comparable=False)
    by_name = {t.name: t for t in found}
    assert (by_name["A"].before, by_name["A"].after) == (0.75, 0.25)
    assert (by_name["B"].before, by_name["B"].after) == (0.25, 0.0)
    assert (by_name["C"].before, by_name["C"].after) == (0.0, pytest.approx(-0.75))
    assert move_terms(None, said(1.0, 0.0, a=1.0), False) == (MoveTerm("A", 0.0, 1.0),)


def test_move_sentences_name_the_terms_that_made_the_move():
    terms = (MoveTerm("Goes with past items", 0.02, 0.12), MoveTerm("Price", 0.0, -0.01), MoveTerm("3 smaller terms", 0.0, 0.01))
    up = move_sentence("rose", 9, 2, terms, True, "A", "B", 0.1, 0.2)
    assert up == "Rises from 9 to 2: the chance changes by +10.00 points; the largest part is Goes with past items (+10.00 points)."
    pushed = move_sentence("fell", 2, 3, terms, True, "A", "B", 0.1, 0.2)
    assert "although its chance changes by +10.00 points: others gain more" in pushed
    other = move_sentence("entered", 14, 3, (MoveTerm("Mug", 0.5, 0.3), MoveTerm("Pan", 0.1, 0.6)), False, "A", "B", 3.0, 0.2)
    assert other == "Enters at 3, from 14: B rests on Pan (60% of its terms), A rests on Mug (50% of its terms)."
    assert move_sentence("left", 4, None, (), False, "A", "B", 3.0, None) == "Leaves from 4: B cannot score it."


def test_moves_name_every_change_and_nothing_else(shop):
    ws, variants = shop
    shopper = ws.shoppers.examples(ws.datasets.list()[0].id)[0].shopper
    found = ws.list_moves.moves(variants["popularity"], variants["item-knn"], shopper, 8)
    diff = ws.comparison.list_diff(variants["popularity"], variants["item-knn"], shopper, 8)
    assert {row.item for row in found.rows if row.change == "entered"} == set(diff.entered)
    assert {row.item for row in found.rows if row.change == "left"} == set(diff.left)
    places = {side: {row.item: row.rank for row in lists.items} for side, lists in (("a", diff.a), ("b", diff.b))}
    for row in found.rows:
        if row.change in ("rose", "fell"):
            assert (row.old, row.new) == (places["a"][row.item], places["b"][row.item])
            assert (row.new < row.old) == (row.change == "rose")
    assert not found.comparable
    assert ws.list_moves.moves(variants["item-knn"], variants["item-knn"], shopper).rows == ()
    with pytest.raises(BadInput, match="side by side"):
        ws.list_moves.moves(variants["popularity"], variants["item-knn"], shopper, 51)
    with pytest.raises(NotFound):
        ws.list_moves.moves(variants["popularity"], variants["item-knn"], "nobody")


def test_what_a_policy_does_to_one_variant_adds_up(shop):
    ws, variants = shop
    shopper = ws.shoppers.examples(ws.datasets.list()[0].id)[0].shopper
    use, knn = PolicyUse.of_diversity(0.7), variants["item-knn"]
    found = ws.list_moves.moves(knn, knn, shopper, 10, (None, use))
    diff = ws.comparison.list_diff(knn, knn, shopper, 10, policies=(None, use))
    assert found.comparable
    assert not found.chance
    assert {row.item for row in found.rows if row.change == "entered"} == set(diff.entered)
    assert found.rows
    shown = {row.item: row.shown for row in diff.b.items}
    for row in found.rows:
        assert row.score_after - row.score_before == pytest.approx(sum(t.after - t.before for t in row.terms), abs=1e-9)
        if row.item in shown:
            assert row.score_after == pytest.approx(shown[row.item])
        assert "chance" not in row.sentence
    assert any(t.after and not t.before for row in found.rows for t in row.terms)  # the policy's own terms


def test_reasons_of_many_lists_are_shares_and_the_same_variant_shifts_nothing(shop):
    ws, variants = shop
    found = ws.list_moves.shifts(variants["popularity"], variants["item-knn"], 10, "all", 5)
    assert found.shoppers == 5
    assert all(0 <= x <= 1 for row in found.rows for x in (row.before, row.after))
    same = ws.list_moves.shifts(variants["item-knn"], variants["item-knn"], 10, "hot", 3)
    assert all(row.before == row.after for row in same.rows)
    assert same.entered == same.left == ()
    assert "much the same" in same.sentence
    assert shift_sentence((), (), (), "A", "B").startswith("The reasons behind")
    with pytest.raises(BadInput, match="kind of shopper"):
        ws.list_moves.shifts(variants["popularity"], variants["item-knn"], 10, "tepid", 5)


def test_one_kind_of_shopper_is_part_of_everybody(shop):
    ws, variants = shop
    pair = (variants["popularity"], variants["item-knn"])
    whole = ws.list_comparison.agreement(*pair)
    parts = {kind: ws.list_comparison.agreement(*pair, 10, kind) for kind in ("cold", "warm", "hot")}
    assert sum(part.shoppers for part in parts.values()) == whole.shoppers
    assert sum(part.shoppers * part.entered for part in parts.values() if part.shoppers) == pytest.approx(whole.shoppers * whole.entered)
    for kind, part in parts.items():
        assert {row.segment for row in part.most_changed} <= {kind}
        if part.shoppers:
            assert part.rbo.value == pytest.approx(whole.segments[kind].value)
    with pytest.raises(BadInput, match="kind of shopper"):
        ws.list_comparison.agreement(*pair, 10, "tepid")


def test_costs_and_curves_come_from_the_training_and_speed_is_measured_once(shop):
    ws, variants = shop
    knn, als = ws.runs.costs([variants["item-knn"], variants["als"]])
    assert (knn.epochs, knn.ms_per_list) == (0, None)
    _, state = ws._context.variants.load(variants["als"])
    assert als.parameters == sum(tensor.numel() for tensor in state.values())
    assert 0 < als.model_bytes < als.size_bytes
    took = ws.runs.measure(variants["item-knn"])
    assert took > 0
    assert ws.runs.costs([variants["item-knn"]])[0].ms_per_list == took
    curves = ws.runs.curves([variants["popularity"], variants["als"]])
    assert {c.variant for c in curves} == {variants["als"]}
    epochs = ws._context.variants.info(variants["als"]).epochs
    served = [row["epoch"] for row in epochs if row["phase"] == "serve" and row["loss"] is not None]
    assert als.epochs == max(served) >= 1
    loss = next(c for c in curves if c.figure == "loss")
    assert loss.epochs == tuple(row["epoch"] for row in epochs if row["phase"] == loss.phase and row["loss"] is not None)
    assert len(set(loss.values)) > 1


def test_tags_and_notes_are_kept_with_who_and_when_and_in_the_audit_trail(shop):
    ws, variants = shop
    variant = variants["popularity"]
    assert ws.marks.tag(variant, [" live ", "live", "two\nlines"], "Ann") == ("live", "two lines")
    ws.marks.note(variant, "  Better on mugs. ", "Ben")
    ws.marks.note(variant, "Second")
    first = ws.marks.notes(variant)
    assert [(note.text, note.who) for note in first] == [("Second", ""), ("Better on mugs.", "Ben")]
    assert first[0].written.endswith("Z")
    again = Workspace(ws.root)
    assert again.marks.tags() == {variant: ("live", "two lines")}
    again.marks.remove_note(variant, first[1].seq, "Cem")
    trail = AuditTrail(ws._context.policies.database).about(f"variant {variant}")
    assert [(entry.who, entry.what.split(" ", 2)[2]) for entry in trail] == [
        ("Cem", "note removed"), ("", "noted"), ("Ben", "noted"), ("Ann", "tagged"),
    ]  # fmt: skip
    assert trail[0].before == "Better on mugs."
    with pytest.raises(NotFound):
        ws.marks.remove_note(variant, first[1].seq)
    for bad in (["x" * 41], [str(n) for n in range(13)]):
        with pytest.raises(BadInput):
            ws.marks.tag(variant, bad)
    for bad in ("  ", "x" * 2_001):
        with pytest.raises(BadInput):
            ws.marks.note(variant, bad)
    with pytest.raises(NotFound):
        ws.marks.tag("va-none", ["x"])
    ws.marks.tag(variant, [])
    assert ws.marks.tags() == {}


def test_views_keep_their_link_when_they_are_saved_again(shop):
    ws, variants = shop
    dataset = ws.datasets.list()[0].id
    made = ws.marks.save_view(
        dataset, " Two  baselines ", [variants["popularity"], variants["item-knn"]], "recall@20", ["live"], {"a": "b"}, "Ann"
    )
    assert (made.name, made.metric, made.tags, made.shown, made.who) == ("Two baselines", "recall@20", ("live",), {"a": "b"}, "Ann")
    again = ws.marks.save_view(dataset, "Two baselines", [variants["als"]], "ndcg@10")
    assert again.id == made.id
    assert ws.marks.view(made.id).variants == (variants["als"],)
    assert [row.name for row in ws.marks.views(dataset)] == ["Two baselines"]
    ws.marks.delete_view(made.id, "Ann")
    assert ws.marks.views(dataset) == ()
    with pytest.raises(NotFound):
        ws.marks.view(made.id)
    with pytest.raises(NotFound):
        ws.marks.view("../../etc")
    with pytest.raises(BadInput):
        ws.marks.save_view(dataset, " \n ", [variants["als"]], "ndcg@10")


def test_a_deleted_variant_takes_what_was_written_on_it_along(shop):
    ws, _ = shop
    asked = TrainingRequest(ws.datasets.list()[0].id, "popularity", preset="quick", device="cpu")
    variant = ws.run_attached("train", ws.training.arguments(asked), "short lived")["variant"]
    ws.marks.tag(variant, ["gone"])
    ws.marks.note(variant, "gone")
    ws.variants.delete(variant)
    assert variant not in ws.marks.tags()
    with ws._context.policies.database.read() as rows:
        assert rows.execute("SELECT count(*) FROM variant_notes WHERE variant = ?", (variant,)).fetchone()[0] == 0
