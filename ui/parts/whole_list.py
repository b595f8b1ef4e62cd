"""Why this whole list: signals and past items over all of its items, and one of them as a bar of forces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from recengine.types import VariantRow
from recengine.types.explanations import ListTerm, WholeList
from recengine.types.policies import PolicyUse
from ui import shell
from ui.charts import list_charts as charts
from ui.parts.list_cards import score_text
from ui.parts.what_if_state import Edit
from ui.session import Session
from ui.words import WT, Markdown, W, numbers, one_line, plain, told_name

FIRST, MOST = 128, 2048  # parts of a history asked at first, and at most
MOST_PARTS = 7  # of a force bar; the rest is one part a side
SIDES = ("signals", "past")


def whole_list(
    session: Session,
    variant: VariantRow,
    shopper: str,
    k: int,
    policy: PolicyUse | None,
    edits: tuple[Edit, ...],
    item: str | None,
    on_why: Callable[[str], None],
) -> None:
    """Draw the view.

    Args:
        session: what the tab looks at.
        variant: the variant.
        shopper: the shopper.
        k: length of the list.
        policy: what shapes it; None = by score alone.
        edits: what-ifs that it is made with.
        item: the item that is looked at one by one at first.
        on_why: shows the card of an item.
    """
    here = f"{variant.id}.{shopper}.{k}.{policy}.{edits}"
    if st.session_state.get("whole.for") != here:
        st.session_state["whole.for"], st.session_state["whole.parts"] = here, FIRST
    with st.spinner(W("whole.working"), show_time=True):
        view = session.ws.explanations.whole_list(variant.id, shopper, k, policy, coalitions=st.session_state["whole.parts"], edits=edits)
    if not view.items:
        st.info(W("whole.empty"), icon=":material/info:")
        return
    with st.container(border=True):
        st.markdown(f":material/lightbulb: {verdict(view)}")
    if not view.signals and not view.past:
        return
    known = {row.item: place for place, row in enumerate(view.items)}
    if st.session_state.get("whole.item") not in known:
        st.session_state["whole.item"] = item if item in known else view.items[0].item
    place = known[st.session_state["whole.item"]]
    if view.signals:
        left, right = st.columns(2, gap="medium")
        with left, st.container(border=True, height="stretch"):
            _strip(view, view.signals, "signals", place)
        with right, st.container(border=True, height="stretch"):
            _past(view, place)
    else:
        with st.container(border=True):
            _past(view, place)
    with st.container(border=True):
        _one(view, known, on_why)


def verdict(view: WholeList) -> Markdown:
    """What is behind most of the list, in a sentence."""
    signal = max(view.signals, key=lambda t: t.mean, default=None)
    past = max(view.past, key=lambda t: t.mean, default=None)
    words: dict[str, object] = {"n": len(view.items)}
    if signal is not None and signal.mean > 0:
        words |= {"signal": plain(told_name(signal.name), 60), "signal_adds": signed(signal.mean, view.signals), "n_up": _up(signal)}
        if past is not None and past.mean > 0:
            return W("whole.verdict.both", past=plain(past.name, 60), past_adds=signed(past.mean, view.past), **words)
        return W("whole.verdict.signal", **words)
    if past is not None and past.mean > 0:
        return W("whole.verdict.past", past=plain(past.name, 60), past_adds=signed(past.mean, view.past), n_up=_up(past), **words)
    return W("whole.verdict.none")


def signed(value: float, among: Sequence[ListTerm]) -> str:
    """A contribution with as many digits as its neighbours need."""
    return numbers.signed(value, charts.digits_for([v for term in among for v in term.adds]))


def _up(term: ListTerm) -> int:
    return sum(value > 0 for value in term.adds)


def _past(view: WholeList, place: int) -> None:
    if not view.past:
        shell.section(W("whole.past"))
        st.caption(W("whole.past.none"))
        return
    _strip(view, view.past, "past", place)
    if view.method == "sampled" and st.session_state["whole.parts"] < MOST:
        st.button(W("whole.more"), key="whole.more", type="tertiary", icon=":material/more_time:", on_click=_twice)


def _strip(view: WholeList, terms: tuple[ListTerm, ...], side: str, place: int) -> None:
    sampled = side == "past" and view.worst_error > 0
    caption = W("whole.caption.sampled", error=score_text(view.worst_error)) if sampled else W("whole.caption")
    if len(terms) > charts.MOST_TERMS:
        first = W("whole.caption.first", shown=charts.MOST_TERMS, all=len(terms))
        caption = Markdown(f"{caption} · {first}")
    shell.section(W(f"whole.{side}"), caption)
    fig = charts.list_strip(terms, [row.title for row in view.items], place)
    if fig is None:
        return
    top = terms[0]
    words = {"name": told_name(top.name), "adds": signed(top.mean, terms), "n": min(len(terms), charts.MOST_TERMS)}
    shell.chart(fig, f"whole.{side}", WT(f"whole.{side}.alt", **words))
    shell.read(W("whole.read"))


def _twice() -> None:
    st.session_state["whole.parts"] = min(MOST, 2 * st.session_state["whole.parts"])


def _one(view: WholeList, known: dict[str, int], on_why: Callable[[str], None]) -> None:
    shell.section(W("whole.one"))
    names = {row.item: WT("whole.pick", rank=row.rank, title=row.title) for row in view.items}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        item = st.selectbox(W("whole.one.pick"), list(names), key="whole.item", format_func=lambda i: one_line(names[i]), width=360)
        sides = [side for side, terms in (("signals", view.signals), ("past", view.past)) if terms]
        side = sides[0]
        if len(sides) > 1:
            side = st.segmented_control(
                W("whole.one.by"), sides, default=sides[0], required=True, key="whole.side", format_func=lambda s: WT(f"whole.one.{s}")
            )
        st.button(W("whole.one.card"), key="whole.card", type="tertiary", icon=":material/lightbulb:", on_click=on_why, args=(item,))
    place = known[item]
    terms = view.signals if side == "signals" else view.past
    start = view.signal_base if side == "signals" else view.past_base[place]
    parts = force_parts_of(terms, place, WT)
    fig = charts.force_bar(parts, start, WT(f"whole.one.start.{side}"), WT("whole.one.score"))
    if fig is None:
        st.caption(W("whole.one.none"))
        return
    name, adds = max(parts, key=lambda part: abs(part[1]))
    words = {"start": score_text(start), "score": score_text(view.items[place].score), "name": name, "adds": signed(adds, terms)}
    shell.chart(fig, "whole.one", WT("whole.one.alt", title=view.items[place].title, **words))
    for key, side_parts in (("up", [p for p in parts if p[1] > 0]), ("down", [p for p in parts if p[1] < 0])):
        if side_parts:
            told = [W("whole.one.part", name=plain(name, 40), adds=signed(value, terms)) for name, value in side_parts]
            st.caption(W(f"whole.one.{key}", parts=Markdown(", ".join(told))))
    shell.read(W("whole.one.read"))


def force_parts_of(terms: Sequence[ListTerm], place: int, words: Callable[..., str]) -> list[tuple[str, float]]:
    """Name and contribution of each term for one item: the largest, then what is left on either side as one part."""
    moving = sorted(((told_name(t.name), t.adds[place]) for t in terms if t.adds[place] != 0.0), key=lambda part: -abs(part[1]))
    shown, rest = moving[:MOST_PARTS], moving[MOST_PARTS:]
    for side in ([v for _, v in rest if v > 0], [v for _, v in rest if v < 0]):
        if side:
            shown.append((words("whole.other", n=len(side)), sum(side)))
    return shown
