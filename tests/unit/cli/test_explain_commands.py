"""Why, why not and what if on the command line: everything as JSON, and bad input answered in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recengine.cli import app
from recengine.testing.demo_store import make_demo_store


def run(workspace: Path, *words: str, ok: bool = True) -> Result:
    done = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code == 0) is ok, done.stderr
    return done


def answer(workspace: Path, *words: str) -> dict:
    done = run(workspace, *words, "--json")
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, list[dict]]:
    """A workspace, a variant, a shopper and the list of 10."""
    folder = tmp_path_factory.mktemp("cli-explain")
    make_demo_store(folder / "demo", seed=3, shoppers=200, days=60)
    workspace = folder / "workspace"
    report = answer(workspace, "import", str(folder / "demo" / "events.csv"), "--name", "Demo")
    variant = answer(workspace, "train", "--dataset", report["dataset"], "--model", "item-knn", "--preset", "quick")["variant"]
    shopper = json.loads((folder / "demo" / "truth.json").read_text(encoding="utf-8"))["shoppers"]
    for name in shopper:
        done = CliRunner().invoke(
            app, ["--workspace", str(workspace), "recommend", "--variant", variant, "--user", name, "-k", "30", "--json"]
        )
        items = json.loads(done.stdout)["items"] if done.exit_code == 0 else []
        if len(items) == 30:
            return workspace, variant, name, items
    raise AssertionError("nobody has a list")


def test_explain_gives_all_of_it(shop):
    workspace, variant, shopper, items = shop
    why = answer(workspace, "explain", "--variant", variant, "--user", shopper, "--item", items[0]["item"])
    assert why["base"] + sum(t["contribution"] for t in why["terms"]) == pytest.approx(why["score"], abs=1e-6)
    assert why["sentence"].endswith(".")
    assert why["sentence_zh"].endswith("。")
    history = why["history"]
    row = history["items"][0]
    assert row["base"] + sum(t["contribution"] for t in row["terms"]) == pytest.approx(row["score"], abs=1e-6)
    assert history["method"] in ("closed form", "exact", "sampled")
    assert [o["kind"] for o in why["opinions"]] == ["lime"]
    assert run(workspace, "explain", "--variant", variant, "--user", shopper, "--item", items[0]["item"]).stdout.startswith(why["sentence"])


def test_explain_with_diversity_says_what_the_page_says(shop):
    workspace, variant, shopper, _ = shop
    asked = ["--variant", variant, "--user", shopper, "--diversity", "0.4"]
    listed = answer(workspace, "recommend", *asked, "-k", "10")["items"]
    row = listed[3]
    why = answer(workspace, "explain", *asked, "-k", "10", "--item", row["item"])
    assert why["place"] == 4
    assert why["policy"] == row["policy"]
    total = why["base"] + sum(t["contribution"] for t in (*why["terms"], *why["policy"]))
    assert total == pytest.approx(why["shown"], abs=1e-6 * max(1.0, abs(why["score"])))
    assert why["shown"] == pytest.approx(row["shown"], abs=1e-6 * max(1.0, abs(why["score"])))
    edit = json.dumps({"kind": "remove", "place": 0})
    words = run(workspace, "explain", *asked, "-k", "10", "--item", row["item"], "--edit", edit).stdout
    assert "for its place" in words


def test_a_whole_list_is_explained(shop):
    workspace, variant, shopper, items = shop
    out = answer(workspace, "explain-list", "--variant", variant, "--user", shopper, "-k", "10")
    assert [row["item"] for row in out["items"]] == [row["item"] for row in items[:10]]
    for place, row in enumerate(out["items"]):
        total = out["past_base"][place] + sum(term["adds"][place] for term in out["past"])
        assert total == pytest.approx(row["score"], abs=1e-6 * max(1.0, abs(row["score"])))
    assert out["past"][0]["name"] in run(workspace, "explain-list", "--variant", variant, "--user", shopper).stdout


def test_why_not(shop):
    workspace, variant, shopper, items = shop
    asked = ["--variant", variant, "--user", shopper, "-k", "10"]
    out = answer(workspace, "why-not", *asked, "--item", items[20]["item"])
    assert (out["stage"], out["rank"]) == ("outranked", 21)
    assert out["score"] < out["last_score"]
    assert out["last_item"] == items[9]["item"]
    assert items[20]["title"] in out["sentence"]
    assert answer(workspace, "why-not", *asked, "--item", items[3]["item"])["stage"] == "listed"
    for way in out["ways"]:  # a way in is a what-if that does what it says
        words = [word for edit in way["edits"] for word in ("--edit", json.dumps(edit))]
        made = answer(workspace, "counterfactual", *asked, "--item", items[20]["item"], *words)
        assert next(r for r in made["rows"] if r["item"] == items[20]["item"])["new_rank"] == way["rank"]


def test_counterfactual(shop):
    workspace, variant, shopper, items = shop
    asked = ["--variant", variant, "--user", shopper, "-k", "10"]
    fewest = answer(workspace, "counterfactual", *asked, "--item", items[0]["item"])
    assert fewest["rank"] == 1
    assert fewest["proof"] in ("proved", "greedy")
    places = [place for term in fewest["items"] for place in term["places"]]
    words = [word for place in places for word in ("--edit", json.dumps({"kind": "remove", "place": place}))]
    made = answer(workspace, "counterfactual", *asked, "--item", items[0]["item"], *words)
    row = next(r for r in made["rows"] if r["item"] == items[0]["item"])
    assert row["old_rank"] == 1
    # In the what-if the items that are taken out may be offered again, before it or behind it.
    assert fewest["rank_after"] <= row["new_rank"] <= fewest["rank_after"] + len(fewest["items"])
    assert not 0 < row["new_rank"] <= 10
    assert made["left"] == made["entered"] > 0
    added = answer(
        workspace, "counterfactual", *asked, "--edit", json.dumps({"kind": "add", "item": items[0]["item"], "behaviour": "purchase"})
    )
    assert items[0]["item"] not in [r["item"] for r in added["rows"] if 0 < r["new_rank"] <= 10]


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "--item", "no such item"],
        ["why-not", "--item", "no such item"],
        ["counterfactual"],
        ["counterfactual", "--edit", "{"],
        ["counterfactual", "--edit", '{"kind": "fly"}'],
        ["counterfactual", "--edit", '{"kind": "remove", "place": 100000}'],
        ["counterfactual", "--edit", '{"kind": "remove", "place": "x"}'],
        ["why-not", "--item", "no such item", "-k", "0"],
    ],
)
def test_bad_input_is_answered_in_words(shop, words):
    workspace, variant, shopper, _ = shop
    refused = run(workspace, *words, "--variant", variant, "--user", shopper, ok=False)
    assert refused.exit_code == 2
    assert "Traceback" not in refused.stderr
    assert refused.stderr.strip()
    assert run(workspace, *words, "--variant", variant, "--user", "nobody", ok=False).exit_code == 2


def test_an_empty_history_is_answered(shop, tmp_path):
    workspace, variant, _, items = shop
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    asked = ["--variant", variant, "--events", str(tmp_path / "none.json"), "--item", items[0]["item"]]
    assert run(workspace, "explain", *asked, ok=False).exit_code == 2
    assert answer(workspace, "why-not", *asked)["stage"] == "unknown"
    assert answer(workspace, "counterfactual", *asked)["proof"] == "none"


def test_the_published_policy_is_the_default_of_every_command(shop):
    workspace, variant, shopper, items = shop
    from recengine.workspace import Workspace

    ws = Workspace(workspace)
    dataset = ws.datasets.list()[0].id
    only = [{"field": "id", "op": "is", "values": [items[2]["item"]]}]
    rules = [{"action": "block", "conditions": only, "name": "Sold out", "scenes": ["home", "product"]}]
    saved = ws.policies.save(dataset, "Home page", {"rules": rules, "controls": {"novelty": 0.2}})
    asked = ["--variant", variant, "--user", shopper, "-k", "10"]
    try:
        assert [row["item"] for row in answer(workspace, "recommend", *asked)["items"]] == [row["item"] for row in items[:10]]
        ws.policies.publish(saved.id)
        live = answer(workspace, "recommend", *asked)
        assert (live["use"]["name"], live["use"]["version"], live["use"]["scene"]) == ("Home page", 1, "home")
        listed = [row["item"] for row in live["items"]]
        assert items[2]["item"] not in listed
        same = answer(workspace, "recommend", *asked, "--policy", f"{saved.id}@1")
        assert [row["item"] for row in same["items"]] == listed
        plain = answer(workspace, "recommend", *asked, "--policy", "none")
        assert [row["item"] for row in plain["items"]] == [row["item"] for row in items[:10]]
        mail = answer(workspace, "recommend", *asked, "--scene", "email")
        assert items[2]["item"] in [row["item"] for row in mail["items"]]
        json_policy = answer(workspace, "recommend", *asked, "--policy", '{"reranker": "balanced"}')
        assert json_policy["use"]["policy"] == ""
        why = answer(workspace, "explain", *asked, "--item", listed[0])
        assert why["score"] + sum(t["contribution"] for t in why["policy"]) == pytest.approx(why["shown"], abs=1e-6)
        missing = answer(workspace, "why-not", *asked, "--item", items[2]["item"])
        assert (missing["stage"], missing["removed"]) == ("removed by rule", ["the rule “Sold out”"])
        words = run(workspace, "why-not", *asked, "--item", items[2]["item"]).stdout
        assert "kept off the list by the rule “Sold out”" in words
        assert "without the rule “Sold out”" in words
        out = workspace.parent / "published.csv"
        report = run(workspace, "export", "--variant", variant, "--out", str(out), "-k", "5").stdout
        assert "Home page version 1" in report
        assert "policy_version" in out.read_text(encoding="utf-8-sig").splitlines()[0]
        scene = answer(workspace, "scene", "--variant", variant, "--item", items[0]["item"], "-k", "5")
        assert (scene["relation"], scene["use"]["scene"]) == ("similar", "product")
        assert items[2]["item"] not in [row["item"] for row in scene["items"]]
    finally:
        ws.policies.delete(saved.id)


@pytest.mark.parametrize(
    "words",
    [("--policy", "po-none"), ("--policy", "{"), ("--scene", "moon"), ("--day", "soon"), ("--diversity", "1.5"), ("--policy", "@2")],
)
def test_a_policy_that_is_none_is_said(shop, words):
    workspace, variant, shopper, _ = shop
    done = run(workspace, "recommend", "--variant", variant, "--user", shopper, *words, ok=False)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
