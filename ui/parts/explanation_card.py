"""Why one item stands where it stands: sentence, sum, past events, and what happens without some of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import EventTerm, Explanation, ListItem, VariantRow
from ui import session as tab
from ui import shell
from ui.charts.explain_charts import adds_up, folded, past_events, score_waterfall
from ui.parts.deeper import deeper
from ui.parts.list_cards import score_text
from ui.parts.shopper_parts import did
from ui.parts.tile import show_tile, tile
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain

MOST_EVENTS = 200


def chosen_item(variant: str, shopper: str) -> str | None:
    """The item of the address; one that was chosen for another variant or shopper is forgotten."""
    here = (variant, shopper)
    if st.session_state.setdefault("item.for", here) != here:
        tab.choose(item=None)
        st.session_state["item.for"] = here
    return tab.param("item")


def left_out(variant: str, shopper: str) -> tuple[int, ...]:
    """Places (0 = oldest) of this shopper's past events that are unticked."""
    return st.session_state.get(f"without.{variant}.{shopper}", ())


def _leave_out(variant: str, shopper: str, places: tuple[int, ...]) -> None:
    st.session_state[f"without.{variant}.{shopper}"] = tuple(sorted(set(places)))


def open_item(item: str) -> None:
    """Explain this item from now on."""
    tab.choose(item=item)
    st.session_state["item.dialog"] = True


def on_phone() -> bool:
    """Whether a narrow screen is likely: there the card would stand below ten others."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def explanation_dialog(session: Session, variant: VariantRow, shopper: str, item: str, listed: ListItem | None, k: int) -> None:
    """On a phone: the card in a dialog when it was asked for, below the list otherwise."""
    if st.session_state.pop("item.dialog", False):
        body = st.dialog(WT("explain.dialog"), width="large", icon=":material/lightbulb:", on_dismiss="rerun")(explanation_card)
        body(session, variant, shopper, item, listed, k, border=False)
    else:
        explanation_card(session, variant, shopper, item, listed, k)


def explanation_card(
    session: Session, variant: VariantRow, shopper: str, item: str, listed: ListItem | None, k: int, border: bool = True
) -> None:
    """Draw the card.

    Args:
        session: what the tab looks at.
        variant: the variant that is explained.
        shopper: the shopper.
        item: the item.
        listed: its row in the list that is shown, None when it is not in it.
        k: length of that list.
        border: false inside a dialog, which has one.
    """
    without = left_out(variant.id, shopper)
    full = session.ws.lists.explain(variant.id, shopper, item)
    now = session.ws.lists.explain(variant.id, shopper, item, without) if without else full
    with st.container(border=border, gap="small"):
        _head(now, listed, session.dataset.currency if session.dataset else "")
        st.markdown(plain(now.sentence))
        _sum(now, variant)
        if full.events:
            _events(now)
            _untick(full, now, variant.id, shopper, without)
            deeper(session, variant.id, shopper, item, k)
        else:
            st.caption(W("explain.events.none"))


def _head(view: Explanation, listed: ListItem | None, currency: str) -> None:
    rank, score = listed.rank if listed else view.rank, score_text(view.score)
    about = [] if listed is None else [plain(listed.category)] if listed.category else []
    if listed is not None and listed.price is not None:
        about.append(plain(numbers.money(listed.price, currency)))
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


def _sum(view: Explanation, variant: VariantRow) -> None:
    total = view.base + sum(t.contribution for t in view.terms if t.kind != "base")
    kinds = {t.kind for t in view.terms}
    other = WT("explain.other.event" if kinds <= {"event", "base"} else "explain.other.signal")
    names, steps = folded(view, other)
    words = {"sum": score_text(total), "score": score_text(view.score)}
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{W('explain.adds')}**", width="content")
        if adds_up(view):
            st.badge(W("explain.adds.yes", **words), icon=":material/check:", color="green")
        else:
            st.badge(W("explain.adds.no", **words), icon=":material/error:", color="red")
    if steps:
        alt = WT(
            "explain.waterfall.alt",
            base=score_text(view.base),
            name=names[0],
            step=numbers.signed(steps[0]),
            score=score_text(view.score),
        )
    else:
        alt = WT("explain.waterfall.alt.none", score=score_text(view.score))
    shell.chart(score_waterfall(view, WT("explain.base"), WT("explain.total"), other), "explain.sum", alt)
    meaning = "explain.meaning.probability" if view.score_kind == "probability" else "explain.meaning.score"
    shell.read(f"{W('explain.waterfall.read')} {W(meaning, protocol=variant.protocol)}")


def _events(view: Explanation) -> None:
    st.markdown(f"**{W('explain.events')}**")
    fig = past_events(view, WT("explain.events.axis"))
    if fig is None:
        st.caption(W("explain.events.none"))
        return
    top = max(view.events, key=lambda e: abs(e.contribution))
    words = {"title": top.title, "date": numbers.date(top.time), "step": numbers.signed(top.contribution)}
    shell.chart(fig, "explain.events", WT("explain.events.alt", n=len(view.events), **words))
    shell.read(f"{W('explain.events.read')} {W('explain.events.rest', rest=numbers.signed(view.not_from_events))}")


def _untick(full: Explanation, now: Explanation, variant: str, shopper: str, without: tuple[int, ...]) -> None:
    events = sorted(full.events, key=lambda e: -abs(e.contribution))[:MOST_EVENTS]
    many = len(full.events) > len(events)
    st.caption(W("explain.untick") + (" " + W("explain.most", n=len(events), all=len(full.events)) if many else ""))
    _editor(full, events, variant, shopper, without)
    if without:
        _what_if(full, now, without)
        st.button(
            W("explain.whatif.back"),
            key="explain.back",
            type="tertiary",
            icon=":material/undo:",
            on_click=_put_back,
            args=(variant, shopper),
        )


def _put_back(variant: str, shopper: str) -> None:
    _leave_out(variant, shopper, ())
    st.session_state["explain.mount"] = st.session_state.get("explain.mount", 0) + 1


def _editor(full: Explanation, events: list[EventTerm], variant: str, shopper: str, without: tuple[int, ...]) -> None:
    """Edits are differences to the table as it was first drawn, so that table stays the same until events are put back."""
    key = f"ticks.{variant}.{shopper}.{full.item}.{st.session_state.get('explain.mount', 0)}"
    first = st.session_state.setdefault(f"{key}.first", without)
    kept_out = set(first) - {e.place for e in events}
    frame = pd.DataFrame(
        {
            "use": [e.place not in first for e in events],
            "tile": [tile(e.item, e.title) for e in events],
            "title": [one_line(e.title) for e in events],
            "effect": [e.contribution for e in events],
            "did": [did(e.behaviour) for e in events],
            "date": [numbers.iso_date(e.time) for e in events],
        }
    )

    def edited() -> None:  # before the next run, so that the list above this table is right at once
        edits = st.session_state[key]["edited_rows"]
        unticked = {e.place for i, e in enumerate(events) if not edits.get(i, {}).get("use", e.place not in first)}
        _leave_out(variant, shopper, tuple(kept_out | unticked))

    column = st.column_config
    ticked = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        height="content" if len(events) <= 8 else 330,
        row_height=40,
        disabled=[c for c in frame.columns if c != "use"],
        on_change=edited,
        alt=WT("explain.table.alt", title=full.title),
        column_config={
            "use": column.CheckboxColumn(WT("explain.col.use"), width=72),
            "tile": column.ImageColumn("", width=40),
            "title": column.TextColumn(WT("explain.col.title"), width=185),
            "did": column.TextColumn(WT("explain.col.did"), width=76),
            "date": column.TextColumn(WT("explain.col.date"), width=88),
            "effect": column.NumberColumn(WT("explain.col.effect"), format="%+.3f", width=66),
        },
    )
    drawn = tuple(sorted(kept_out | {e.place for e, use in zip(events, ticked["use"], strict=True) if not use}))
    if drawn != without:
        _leave_out(variant, shopper, drawn)
        st.rerun()


def _what_if(full: Explanation, now: Explanation, without: tuple[int, ...]) -> None:
    fell = (now.rank or 10**6) > (full.rank or 10**6)
    if not now.rank:
        rank = W("explain.whatif.gone")
    elif now.rank == full.rank:
        rank = W("explain.whatif.same", before=full.rank)
    else:
        rank = W("explain.whatif.rank", before=full.rank or numbers.NONE, after=now.rank)
    score = W("explain.whatif.score", before=score_text(full.score), after=score_text(now.score))
    alone = next((e for e in full.events if len(without) == 1 and e.place == without[0]), None)
    if alone is not None:
        text = W("explain.whatif.one", title=plain(alone.title, 40), rank=rank, score=score)
    else:
        text = W("explain.whatif.many", n=len(without), rank=rank, score=score)
    # Markdown instead of a badge, which would cut a long title on a phone
    if now.rank == full.rank:
        st.markdown(f":gray-background[:material/trending_flat: {text}]")
    elif fell:
        st.markdown(f":orange-background[:material/arrow_downward: {text}]")
    else:
        st.markdown(f":blue-background[:material/arrow_upward: {text}]")
