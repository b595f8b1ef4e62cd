"""A whole list explained for a file: terms add up, and an HTML report holds hostile text as text."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re

import numpy as np
import pytest

from recengine.explain.history import past_shares
from recengine.explain.report_html import POLICY, STYLE, ReportFacts, foot, head, name, number, section, text
from recengine.explain.said_lists import SaidList, SaidPlace, SaidTerm, Tally, _folded, said_list

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(2)>",
    "\"'><svg onload=alert(3)>",
    "--><!-- ]]> &lt;b&gt;",
    "\u202egnp.exe \u2066x\u200f",
    "\x00\x0b\u2028line\nbreak",
    "x" * 5_000,
    "http://x.example/?a=1&b=2",
)
FACTS = ReportFacts(HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], "2026-01-01 00:00:00", 2, "", True, 9, 1.0)


class Seen(html.parser.HTMLParser):
    """Every element and attribute of a document, and its visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def term(kind: str, key: str, adds: float, error: float = 0.0, said: str = "") -> SaidTerm:
    return SaidTerm(kind, key, said or key, "", adds, error)


def place(rank: int, item: str, terms: tuple[SaidTerm, ...], title: str = "") -> SaidPlace:
    return SaidPlace(rank, rank, item, title or item, 0.5 + sum(t.adds for t in terms), 0.5, terms, (), "Because.", "因为。")


def hostile_report() -> str:
    lists = [
        SaidList(
            text_,
            (place(1, text_, (term("signal", "a", 0.25, said=text_),), text_), place(2, text_ + "2", (term("past", text_, -0.125, 0.01),))),
        )
        for text_ in HOSTILE
    ]
    tally = Tally()
    for one in lists:
        tally.take(one)
    return head(FACTS, tally, [one.shopper for one in lists]) + "".join(section(one, i) for i, one in enumerate(lists)) + foot()


def test_hostile_text_makes_no_element_no_attribute_and_no_request():
    report = hostile_report()
    seen = Seen()
    seen.feed(report)
    tags = {tag for tag, _ in seen.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "form", "base", "input"}
    assert sum(tag == "style" for tag, _ in seen.elements) == 1
    attributes = {attribute for _, given in seen.elements for attribute in given}
    assert not [attribute for attribute in attributes if attribute.startswith("on") or attribute in ("style", "src", "srcset", "action")]
    assert all((given["href"] or "").startswith("#s") for tag, given in seen.elements if tag == "a")
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert not any(ord(sign) in range(0x202A, 0x202F) or ord(sign) in range(0x2066, 0x206A) for sign in report)
    assert "\x00" not in report
    assert any("<script>alert(1)</script>" in said for said in seen.said)  # shown as what it is


def test_the_policy_allows_this_style_and_nothing_else():
    seen = Seen()
    seen.feed(hostile_report())
    policy = next(
        given["content"] for tag, given in seen.elements if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == POLICY
    found = re.search(r"<style>(.*?)</style>", hostile_report(), re.DOTALL)
    assert found
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "unsafe" not in str(policy)


def test_long_text_is_cut_and_other_scripts_stand_apart():
    assert len(text("x" * 5_000)) == 160
    assert text("x" * 5_000).endswith("…")
    assert name("plain") == "plain"
    assert name("礼品") == "<bdi>礼品</bdi>"
    assert text("a\tb\u2028c\u202ed") == "a b cd"


@pytest.mark.parametrize(
    ("value", "signed", "said"),
    [
        (0.01234, False, "0.0123"),
        (-0.5, True, "−0.5000"),
        (0.5, True, "+0.5000"),
        (12.3456, False, "12.35"),
        (0.0, True, "0.0000"),
        (2e-7, True, "+2.0e-07"),
        (-2e-7, False, "−2.0e-07"),
        (4321.0, False, "4,321"),
    ],
)
def test_numbers_are_written_for_people(value, signed, said):
    assert number(value, signed) == said


def test_numbers_of_one_sum_have_equal_digits():
    assert [number(v, beside=1234.5) for v in (0.0, 12.3456, 1234.5)] == ["0", "12", "1,234"]


def test_smaller_terms_become_one_and_the_sum_stays():
    terms = [term("past", str(i), 1.0 / (i + 1), 0.3) for i in range(10)]
    folded = _folded(terms, 3)
    assert [t.kind for t in folded] == ["past"] * 3 + ["rest"]
    assert folded[-1].name == "7 smaller terms"
    assert sum(t.adds for t in folded) == pytest.approx(sum(t.adds for t in terms), abs=1e-12)
    assert folded[-1].error == pytest.approx(0.3 * 7**0.5)
    assert len(_folded(terms[:4], 3)) == 4  # one more is told rather than called the rest
    assert _folded([*terms, term("past", "x", 0.01, -1.0)], 3)[-1].error == -1.0


def test_the_tally_counts_by_hand():
    tally = Tally()
    tally.take(
        SaidList("s", (place(1, "i", (term("signal", "a", 0.3), term("signal", "b", -0.1))), place(2, "j", (term("signal", "a", -0.1),))))
    )
    tally.take(
        SaidList(
            "t",
            (
                place(
                    1,
                    "i",
                    (term("signal", "b", 0.5), term("rest", "", 0.1)),
                ),
            ),
        )
    )
    tally.take(SaidList("u", ()))
    assert (tally.shoppers, tally.places, tally.sampled) == (2, 3, False)
    assert tally.most_listed(1) == [("i", "i", 2)]
    (most, second) = tally.movers(5)
    assert most == ("b", pytest.approx(0.6 / 1.1), pytest.approx(0.2), 2)
    assert second == ("a", pytest.approx(0.4 / 1.1), pytest.approx(0.1), 2)


def test_a_funnels_list_adds_up_with_the_past_items_inside(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    for user in some_users[:4]:
        one = dataset.histories(np.array([user]))
        top = model.recommend(one, 6, exclude=one.to_csr(model.n_items), allow=dataset.catalogue.sellable)
        codes = top.item_codes[0].astype(np.int64)
        made = said_list(model, dataset, one, "s", codes, np.arange(6))
        for said, shown in zip(made.places, top.scores[0], strict=True):
            assert said.score == pytest.approx(shown, abs=1e-12)
            assert said.base + sum(t.adds for t in said.terms) == pytest.approx(shown, abs=1e-9)
        shares = past_shares(model, one, codes)
        for row, said in enumerate(made.places):
            alone = {str(dataset.catalogue.vocabulary.ids[p]): v for p, v in zip(shares.players, shares.values[row], strict=True) if p >= 0}
            assert {t.key: pytest.approx(t.adds) for t in said.past} == {t.key: alone[t.key] for t in said.past}
            assert said.past
            assert said.sentence
            assert said.sentence_zh


def test_a_model_of_past_items_has_them_as_terms(judged, demo, some_users):
    model, dataset = judged[0].generators["item-knn"], demo[0]
    one = dataset.histories(some_users[:1])
    codes = model.recommend(one, 3, exclude=one.to_csr(model.n_items)).item_codes[0].astype(np.int64)
    made = said_list(model, dataset, one, "s", codes, np.arange(3))
    assert {t.kind for p in made.places for t in p.terms} <= {"past", "rest"}
    assert all(not p.past for p in made.places)
