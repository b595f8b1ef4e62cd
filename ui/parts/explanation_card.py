"""Why one item stands where it stands: sentence, sum, past events, what if, and deeper looks."""

from __future__ import annotations

import streamlit as st

from recengine.errors import MerchlensError, NotFound
from recengine.types import Explanation, ListItem, VariantRow
from recengine.types.policies import PolicyUse
from ui import session as tab
from ui import shell
from ui.charts.explain_charts import adds_up, folded, odds_add_up, past_events, score_waterfall, shown_score
from ui.parts import what_if_state as state
from ui.parts.deeper import deeper
from ui.parts.errors import error_box
from ui.parts.list_cards import score_text
from ui.parts.tile import show_tile
from ui.parts.what_if_forms import what_if_forms
from ui.session import Session
from ui.words import WT, W, language, numbers, plain, sentences, told
from ui.words.language import LANGUAGES

SCALES = ("chance", "odds")
_PAGE = "explain.language.page"
POLICY_CHOOSES_FROM = 200  # places by score


def chosen_item(variant: str, shopper: str) -> str | None:
    """The item of the address; one that was chosen for another variant or shopper is forgotten."""
    here = (variant, shopper)
    if st.session_state.setdefault("item.for", here) != here:
        tab.choose(item=None)
        st.session_state["item.for"] = here
    return tab.param("item")


def open_item(item: str) -> None:
    """Explain this item from now on."""
    tab.choose(item=item)
    st.session_state["item.dialog"] = True


def on_phone() -> bool:
    """Whether a narrow screen is likely: there the card would stand below ten others."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def explanation(
    session: Session, variant: VariantRow, shopper: str, item: str, listed: ListItem | None, k: int, policy: PolicyUse | None
) -> None:
    """The card beside the list; on a phone in a dialog when it was asked for, below the list otherwise."""
    if on_phone() and st.session_state.pop("item.dialog", False):
        body = st.dialog(WT("explain.dialog"), width="large", icon=":material/lightbulb:", on_dismiss="rerun")(explanation_card)
        body(session, variant, shopper, item, listed, k, policy, border=False)
    else:
        explanation_card(session, variant, shopper, item, listed, k, policy)


def explanation_card(
    session: Session,
    variant: VariantRow,
    shopper: str,
    item: str,
    listed: ListItem | None,
    k: int,
    policy: PolicyUse | None,
    border: bool = True,
) -> None:
    """Draw the card.

    Args:
        session: what the tab looks at.
        variant: the variant that is explained.
        shopper: the shopper.
        item: the item.
        listed: its row in the list that is shown, None when it is not in it.
        k: length of that list.
        policy: what shaped that list; None = by score alone.
        border: false inside a dialog, which has one.
    """
    edits = state.edits_of(variant.id, shopper)
    full = _scored(session, variant.id, shopper, item, (), policy, k)
    now = _scored(session, variant.id, shopper, item, edits, policy, k) if edits else full
    with st.container(border=border, gap="small"):
        if isinstance(now, Explanation):
            _head(now, listed, session.dataset.currency if session.dataset else "")
            _sentence(now)
            _sum(now, variant, policy)
            _events(now)
        else:
            error_box(now.what, now.why, now.fix)
        before, after = (card if isinstance(card, Explanation) else None for card in (full, now))
        what_if_forms(session, variant, shopper, item, _title(before or after, item), before, after)
        if after is not None:
            deeper(session, variant.id, shopper, item, k, policy, edits)


def _scored(
    session: Session, variant: str, shopper: str, item: str, edits: tuple[state.Edit, ...], policy: PolicyUse | None, k: int
) -> Explanation | MerchlensError:
    """The card, or why there is none: an item can lose its score by a change, and get one by another."""
    try:
        return session.ws.lists.explain(variant, shopper, item, edits=edits, policy=policy, k=k)
    except NotFound:
        raise
    except MerchlensError as error:
        return error


def _title(card: Explanation | None, item: str) -> str:
    return card.title if card else item


def _head(view: Explanation, listed: ListItem | None, currency: str) -> None:
    rank, score = listed.rank if listed else view.rank, score_text(view.score)
    about = [plain(view.category)] if view.category else []
    if view.price is not None:
        about.append(plain(numbers.money(view.price, currency)))
    about.append(W("explain.rank", rank=rank, score=score) if rank else W("explain.unranked", score=score))
    if view.provenance:
        models = ", ".join(WT("explain.recalled.one", model=m, rank=r) for m, r in view.provenance)
        about.append(W("explain.recalled", models=models))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        show_tile(view.item, view.title, 56)
        with st.container(gap=None):
            st.subheader(plain(view.title, 90), anchor=False)
            st.caption(" · ".join(about))
    if listed is None:
        st.caption(f":orange[:material/visibility_off:] {W('explain.outside')}")


def _sentence(view: Explanation) -> None:
    """The reason and what the score means, in the language that is chosen on the card; at first in that of the page."""
    here = language()
    if st.session_state.get(_PAGE) != here:  # another language of the page is one of the card too, until it is changed there
        st.session_state[_PAGE] = st.session_state["explain.language"] = here
    chinese = st.session_state["explain.language"] == "zh" and bool(view.sentence_zh)
    with st.container(gap="xsmall"):
        st.markdown(plain(view.sentence_zh if chinese else view.sentence))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            means = (view.meaning_zh if chinese else view.meaning) or ""
            st.caption(plain(means) if means else W("explain.meaning.order"), width="content")
            if view.sentence_zh:
                st.segmented_control(
                    W("explain.language"),
                    LANGUAGES,
                    required=True,
                    key="explain.language",
                    format_func=lambda name: WT(f"explain.language.{name}"),
                    label_visibility="collapsed",
                    persist_state="session",
                )


def _sum(view: Explanation, variant: VariantRow, policy: PolicyUse | None) -> None:
    chance = view.score_log_odds is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{W('explain.adds')}**", width="content")
        badge = st.container(width="content")
        if chance:
            st.segmented_control(
                W("explain.scale"),
                SCALES,
                default=SCALES[0],
                required=True,
                key="explain.scale",
                format_func=lambda name: WT(f"explain.scale.{name}"),
                label_visibility="collapsed",
                persist_state="session",
            )
    odds = chance and st.session_state.get("explain.scale") == "odds"
    with badge:
        _adds_badge(view, odds)
    other = WT("explain.other.event" if {t.kind for t in view.terms} <= {"event", "base"} else "explain.other.signal")
    names, steps = folded(view, other, odds=odds)
    end = view.score_log_odds if odds and view.score_log_odds is not None else view.score
    start = view.base_log_odds if odds and view.base_log_odds is not None else view.base
    if steps:
        words = {"base": score_text(start), "name": names[0], "step": numbers.signed(steps[0]), "score": score_text(end)}
        alt = WT("explain.waterfall.alt", **words)
    else:
        alt = WT("explain.waterfall.alt.none", score=score_text(end))
    total = "explain.total.odds" if odds else "explain.total.chance" if chance else "explain.total"
    labels = (WT("explain.base.signal" if chance else "explain.base"), WT(total))
    shell.chart(score_waterfall(view, *labels, other, WT("explain.placed"), odds), "explain.sum", alt)
    _beside(view, odds, policy)
    meaning = "explain.meaning.probability" if view.score_kind == "probability" else "explain.meaning.score"
    placing = W("explain.policy.read") if view.policy else ""
    shell.read(sentences((W("explain.waterfall.read"), W(meaning, protocol=told(variant.protocol)), placing)))


def _adds_badge(view: Explanation, odds: bool) -> None:
    if odds:
        start, end = view.base_log_odds or 0.0, view.score_log_odds or 0.0
        total = start + sum(t.log_odds or 0.0 for t in view.terms)
        good, words = odds_add_up(view), {"sum": score_text(total), "score": score_text(end)}
    else:
        total = view.base + sum(t.contribution for t in (*view.terms, *view.policy))
        good, words = adds_up(view), {"sum": score_text(total), "score": score_text(shown_score(view))}
    if good:
        st.badge(W("explain.adds.yes", **words), icon=":material/check:", color="green")
    else:
        st.badge(W("explain.adds.no", **words), icon=":material/error:", color="red")


def _beside(view: Explanation, odds: bool, policy: PolicyUse | None) -> None:
    """The same score on the other scale, the sampling error, and what the policy did not look at."""
    said = []
    if view.base_log_odds is not None and view.score_log_odds is not None:
        if odds:
            said.append(W("explain.scale.chance.is", base=numbers.share(view.base), score=numbers.share(view.score)))
        else:
            words = {"base": numbers.signed(view.base_log_odds, 2), "score": numbers.signed(view.score_log_odds, 2)}
            said.append(W("explain.scale.odds.is", step=numbers.signed(view.score_log_odds - view.base_log_odds, 2), **words))
    # On the chart of log-odds an error is as much longer as its bar is.
    errors = [t.error * abs((t.log_odds or 0.0) / t.contribution) if odds and t.contribution else t.error for t in view.terms]
    if worst := max(errors, default=0.0):
        said.append(W("explain.sampled", error=score_text(worst)))
    if past := max((e.error for e in view.events), default=0.0):
        said.append(W("explain.sampled.past", error=score_text(past)))
    if policy is not None and not view.place and not view.policy:
        said.append(W("explain.policy.off" if 0 < view.rank <= POLICY_CHOOSES_FROM else "explain.policy.outside"))
    if said:
        st.caption(sentences(said))


def _events(view: Explanation) -> None:
    fig = past_events(view, WT("explain.events.axis"))
    if fig is None:
        return
    st.markdown(f"**{W('explain.events')}**")
    top = max(view.events, key=lambda e: abs(e.contribution))
    words = {"title": top.title, "date": numbers.date(top.time), "step": numbers.signed(top.contribution)}
    shell.chart(fig, "explain.events", WT("explain.events.alt", n=len(view.events), **words))
    rest = W("explain.events.rest", empty=score_text(view.base + view.not_from_events))
    shell.read(sentences((W("explain.events.read"), rest)))
