"""Explained lists as one HTML file that asks the network for nothing and runs nothing, whatever titles and ids contain."""

from __future__ import annotations

import base64
import hashlib
import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recengine.explain.said_lists import SaidList, SaidPlace, SaidTerm, Tally

LONGEST = 160  # characters of a title, id or name that are shown; the other formats hold them whole
MOVERS, LISTED = 10, 10  # rows of the two tables at the top
MINUS = "\u2212"
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
CONTROL = {"Cc", "Cs", "Zl", "Zp"}

STYLE = """
:root{--ink:#17202a;--soft:#5a6672;--line:#d9dfe5;--page:#fff;--card:#f6f8f9;--up:#0b6e75;--down:#b35a00}
@media (prefers-color-scheme:dark){
:root{--ink:#e8ecef;--soft:#a3afba;--line:#333d47;--page:#12181d;--card:#1a2229;--up:#4cc3c5;--down:#f2994a}
}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.3rem 0}
a{color:var(--up)}
small,.soft{color:var(--soft);font-weight:400}
.facts{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.facts li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .9rem;min-width:8rem}
.facts b{display:block;font-size:1.2rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.2rem .5rem .2rem 0;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--soft);font-size:.85rem}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.up{color:var(--up)}
.down{color:var(--down)}
svg{display:block;width:6rem;height:.48rem;margin:.55rem 0 0;background:linear-gradient(var(--line),var(--line)) 50% 0/1px 100% no-repeat}
rect.up{fill:var(--up)}
rect.down{fill:var(--down)}
section{content-visibility:auto;contain-intrinsic-size:auto 70rem}
section ol{list-style:none;margin:0;padding:0}
section li{border:1px solid var(--line);border-radius:.5rem;background:var(--card);padding:.6rem .9rem;margin:.5rem 0;break-inside:avoid}
.head{display:flex;gap:.7rem;align-items:baseline}
.head .t{flex:1;font-weight:600}
.rank{color:var(--soft);min-width:1.4rem}
summary{cursor:pointer;color:var(--up);font-size:.9rem;padding:.3rem 0}
.index{max-height:16rem;overflow:auto;display:flex;flex-wrap:wrap;gap:.2rem .8rem;
border:1px solid var(--line);border-radius:.5rem;padding:.6rem}
@media (max-width:34rem){svg{width:3.2rem;height:.26rem;margin-top:.65rem}header,main{padding:.7rem}td,th{font-size:.9rem}}
@media print{
:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--card:#fff;--up:#0b6e75;--down:#b35a00}
@page{margin:1.5cm}
body{font-size:10pt}
header,main{max-width:none;padding:0}
section{content-visibility:visible;contain-intrinsic-size:none}
h2{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}
summary,.screen{display:none}
}
"""


@dataclass(frozen=True)
class ReportFacts:
    """What stands at the top of a report."""

    variant: str
    model: str
    dataset: str
    protocol: str
    made: str  # moment, ISO
    k: int
    policy: str  # what decided the order, in a sentence; empty: the scores
    probable: bool  # whether scores are chances
    all_shoppers: int
    recall: float


def policy_of(style: str) -> str:
    """The content security policy of a page with this style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


POLICY = policy_of(STYLE)


def opening(title: str, style: str) -> str:
    """The top of a page up to its body. Only this style may be applied, nothing may run, nothing may be asked for.

    Args:
        title: already escaped.
        style: the whole style sheet; the page allows it by its digest.
    """
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy_of(style)}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
            f'<meta name="color-scheme" content="light dark"><title>{title}</title><style>{style}</style></head><body>',
        )
    )


def text(value: object, longest: int = LONGEST) -> str:
    """Text from a file, escaped: on one line, without control and direction characters, at most so many characters."""
    line = str(value)
    if not (line.isascii() and line.isprintable()):
        line = "".join(" " if unicodedata.category(sign) in CONTROL else sign for sign in line if ord(sign) not in BIDI)
    line = " ".join(line.split())
    return html.escape(line if len(line) <= longest else line[: longest - 1].rstrip() + "…")


def name(value: object, longest: int = LONGEST) -> str:
    """A title or id in an element of its own, so that its direction changes nothing around it."""
    said = text(value, longest)
    return said if said.isascii() else f"<bdi>{said}</bdi>"


def number(value: float, signed: bool = False, beside: float = 0.0) -> str:
    """Four digits behind the point below 10, fewer above, as many as what stands `beside` has; a true minus sign."""
    size = max(abs(value), abs(beside))
    shown = f"{abs(value):,.{4 if size < 10 else 2 if size < 1000 else 0}f}"
    if not shown.strip("0.,"):
        return shown if value == 0 else f"{'+' if value > 0 and signed else MINUS if value < 0 else ''}{abs(value):.1e}"
    return f"{MINUS if value < 0 else '+' if signed else ''}{shown}"


def head(facts: ReportFacts, tally: Tally, shoppers: Sequence[str]) -> str:
    """Everything before the first shopper: what the lists are, what moves them, which items they name, and who is in the report."""
    title = f"Explained lists · {text(facts.variant)}"
    chance = "Scores are chances of a choice in the next window, if the shopper comes back."
    score = chance if facts.probable else "Scores order the list; they are no chances."
    sampled = " Contributions are sampled; ± is one standard error." if tally.sampled else ""
    approximate = f" The search finds {facts.recall:.1%} of the exact lists." if facts.recall < 1 else ""
    varied = f" {text(facts.policy, 400)}" if facts.policy else ""
    model = f' <span class="soft">({name(facts.model)})</span>' if facts.model != facts.variant else ""
    movers = tally.movers(MOVERS)
    what = "The signals" if any(kind == "signal" for kind, _ in tally.names) else "The past items"
    cards = (
        (f"{tally.shoppers:,}", f"of {facts.all_shoppers:,} shoppers"),
        (f"{tally.places:,}", f"places, up to {facts.k} a list"),
        (f"{len(tally.listed):,}", "different items"),
        ("All", f"sums equal their scores, to {max(tally.worst_gap, 1e-15):.0e}"),
    )
    return "".join(
        (
            opening(title, STYLE),
            "<header>",
            f"<h1>Explained lists</h1><p>{name(facts.variant)}{model}",
            f" on {name(facts.dataset)}</p>",
            f'<p class="soft">{text(facts.protocol, 600)} Made {text(facts.made)} (UTC).</p>',
            '<ul class="facts">',
            *(f"<li><b>{value}</b>{said}</li>" for value, said in cards),
            "</ul>",
            f"<p>{score} Each starts at a base, and the terms below it add up to it.{varied}{sampled}{approximate}",
            " No term is claimed to be a cause.</p>",
            _table(f"{what} that move these lists most", ("Term", "Share of all movement", "Mean where it is told"), _mover_rows(movers)),
            _table("Items on most lists", ("Item", "Lists"), _listed_rows(tally, LISTED)),
            f'<details class="screen"><summary>Find a shopper ({len(shoppers):,})</summary><nav class="index">',
            *(f'<a href="#s{i}">{name(shopper, 40)}</a>' for i, shopper in enumerate(shoppers)),
            "</nav></details></header><main>\n",
        )
    )


def section(one: SaidList, place: int) -> str:
    """One shopper's list; `place` counts shoppers from 0 and is the section's anchor."""
    items = "".join(_item(item) for item in one.places)
    empty = '<p class="soft">No list: the variant can say nothing about this shopper.</p>'
    return f'<section id="s{place}"><h2>Shopper {name(one.shopper, 80)}</h2>{f"<ol>{items}</ol>" if items else empty}</section>\n'


def foot() -> str:
    """What closes the file."""
    return "</main></body></html>\n"


def _item(place: SaidPlace) -> str:
    rows = "".join(_term(term, place) for term in place.terms)
    by_score = f" · place {place.rank_by_score} by score" if place.rank_by_score != place.rank else ""
    by_score = " · only a pin brought it in" if not place.rank_by_score else by_score
    shown = place.score if place.shown is None else place.shown
    policy = "".join(_term(term, place) for term in place.policy)
    if policy:
        policy += f'<tr><td><b>For its place</b></td><td></td><td class="n"><b>{number(shown, False, place.score)}</b></td></tr>'
    beside = max(abs(place.score), abs(place.base))
    inside = "; ".join(f"{name(t.name, 80)} {number(t.adds, True, beside)}" for t in place.past)
    return (
        f'<li><div class="head"><span class="rank">{place.rank}</span><span class="t">{name(place.title)} '
        f'<small>{name(place.item, 40)}{by_score}</small></span><b class="n">{number(place.score)}</b></div>'
        f"<p><bdi>{text(place.sentence, 600)}</bdi></p><details><summary>{len(place.terms)} terms add up to it</summary><table><tbody>"
        f'<tr><td>Base</td><td></td><td class="n">{number(place.base, False, beside)}</td></tr>{rows}'
        f'<tr><td><b>Score</b></td><td></td><td class="n"><b>{number(place.score, False, beside)}</b></td></tr>{policy}</tbody></table>'
        f"{f'<p><small>Past items that move it most, taken apart on their own: {inside}</small></p>' if inside else ''}</details></li>"
    )


def _term(term: SaidTerm, place: SaidPlace) -> str:
    reach = max((abs(t.adds) for t in (*place.terms, *place.policy)), default=1.0) or 1.0
    way, beside = "up" if term.adds >= 0 else "down", max(abs(place.score), abs(place.base))
    error = " <small>±?</small>" if term.error < 0 else f" <small>± {number(term.error, False, beside)}</small>" if term.error > 0 else ""
    value = f" <small>{name(term.value, 120)}</small>" if term.value else ""
    adds = f'<td class="n {way}">{number(term.adds, True, beside)}{error}</td>'
    return f"<tr><td>{name(term.name)}{value}</td><td>{_bar(term.adds / reach)}</td>{adds}</tr>"


def _bar(share: float) -> str:
    """A bar from the middle, right for what raises and left for what lowers; -1 … 1. Drawn by attributes alone: no style is allowed."""
    width = round(50 * min(abs(share), 1.0), 1)
    at, way = (50, "up") if share >= 0 else (round(50 - width, 1), "down")
    return f'<svg viewBox="0 0 100 8"><rect class="{way}" x="{at}" width="{width}" height="8"/></svg>'


def _mover_rows(movers: list[tuple[str, float, float, int]]) -> list[str]:
    return [
        f'<tr><td>{name(said)}</td><td class="n">{share:.1%}</td>'
        f'<td class="n {"up" if mean >= 0 else "down"}">{number(mean, signed=True)}</td></tr>'
        for said, share, mean, _ in movers
    ]


def _listed_rows(tally: Tally, n: int) -> list[str]:
    return [
        f'<tr><td>{name(title)} <small>{name(item, 40)}</small></td><td class="n">{times:,}</td></tr>'
        for item, title, times in tally.most_listed(n)
    ]


def _table(title: str, heads: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    first, *others = heads
    top = f"<th>{first}</th>" + "".join(f'<th class="n">{other}</th>' for other in others)
    return f"<h2>{title}</h2><table><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
