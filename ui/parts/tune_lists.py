"""Tune: lists of several shoppers side by side under the policy, with how far each item moved and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

import streamlit as st

from recengine.errors import NotFound
from recengine.types import VariantRow
from recengine.types.policies import PolicyPlace
from ui import draft, shell
from ui import session as tab
from ui.parts.errors import guard
from ui.parts.shopper_parts import known_ids
from ui.parts.tile import tile
from ui.parts.tune_scene import anchor_picker, places
from ui.parts.two_lines import two_lines
from ui.session import Session
from ui.words import W, numbers, one_line, plain, spoken

MOST, AT_START = 4, 2
K = 10
TITLE = 46
MOST_IDS = 300  # offered; any other can be typed


def pinned(session: Session, shopper: str) -> list[str]:
    """The shoppers that are looked at: the one of the address first, then those pinned beside it, else one more example."""
    assert session.dataset is not None
    asked = tab.param("beside")
    if asked is None:
        examples = [row.shopper for row in session.ws.shoppers.examples(session.dataset.id, n=MOST)]
        return [shopper, *[name for name in examples if name != shopper][: AT_START - 1]]
    try:
        names = json.loads(asked)
    except ValueError:
        names = []
    known = [str(name) for name in names if _is_known(session, str(name))] if isinstance(names, list) else []
    tab.choose(beside=asked)
    return list(dict.fromkeys([shopper, *known]))[:MOST]


def _is_known(session: Session, name: str) -> bool:
    assert session.dataset is not None
    try:
        session.ws.shoppers.get(session.dataset.id, name)
    except NotFound:
        return False
    return True


def lists(session: Session, variant: VariantRow, shopper: str, spec: dict[str, Any]) -> None:
    """The card with a column a shopper."""
    shoppers = pinned(session, shopper)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        with st.container(width="content"):
            shell.section(W("tune.lists"), W("tune.lists.caption", k=K))
        if len(shoppers) < MOST:
            with st.popover(W("tune.lists.add"), icon=":material/person_add:", type="tertiary"):
                _adder(session, shoppers)
    anchor_picker(session)
    saved = draft.saved(session)
    for column, name in zip(st.columns(len(shoppers), gap="small"), shoppers, strict=True):
        with column, guard():
            _head(session, shoppers, name)
            before = places(session, variant, name, saved, K)
            now = places(session, variant, name, spec, K)
            one_list(session, name, before, now)


def one_list(session: Session, shopper: str, before: Sequence[PolicyPlace], now: Sequence[PolicyPlace]) -> None:
    """One shopper's list, an item a row; what left it stands below."""
    was = {row.item: rank for rank, row in enumerate(before, 1)}
    currency = session.dataset.currency if session.dataset else ""
    if not now:
        st.caption(W("tune.lists.empty"))
    with st.container(gap="xxsmall"):
        _rows(shopper, now, was, currency)
    stays = {row.item for row in now}
    gone = [row.title for row in before if row.item not in stays]
    st.caption(W("tune.list.left", items=_joined(gone)) if gone else W("tune.list.same"))


def _rows(shopper: str, now: Sequence[PolicyPlace], was: dict[str, int], currency: str) -> None:
    for rank, row in enumerate(now, 1):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False, key=f"tune.place.{_key(shopper)}.{rank}"):
            st.image(tile(row.item, row.title), width=32)
            st.markdown(_line(rank, row, was.get(row.item), currency), width="stretch")
            with st.popover("", icon=":material/lightbulb:", type="tertiary", help=W("tune.lists.why")):
                st.markdown(why(row, was.get(row.item), rank))


def move(was: int | None, now: int) -> str:
    """`↑ 2`, `↓ 1`, `new` or `–`."""
    if was is None:
        return W("tune.move.new")
    return numbers.NONE if was == now else f"↑ {was - now}" if was > now else f"↓ {now - was}"


def why(row: PolicyPlace, was: int | None, now: int) -> str:
    """What moved an item from the score of the model to its place, as a table that adds up."""
    title = plain(row.title, 90)
    lines = [f"**{title}**", "", W("tune.why.added") if row.added else W("tune.why.by_score", rank=row.rank_by_score)]
    if was is not None and was != now:
        lines.append(W("tune.why.was", rank=was))
    lines += ["", f"| {W('tune.why.step')} | |", "|---|---:|", f"| {W('tune.why.score')} | {numbers.metric(row.score, 4)} |"]
    lines += [f"| {plain(spoken(term.name, term.name_zh), 60)} | {numbers.signed(term.contribution, 4)} |" for term in row.terms]
    return "\n".join([*lines, f"| **{W('tune.why.final')}** | **{numbers.metric(row.final, 4)}** |"])


def _line(rank: int, row: PolicyPlace, was: int | None, currency: str) -> str:
    moved = move(was, rank)
    colour = "gray" if was == rank else "orange" if was is not None and was < rank else "blue"
    price = f" · {plain(numbers.money(row.price, currency))}" if row.price is not None else ""
    return two_lines(f"**{rank}** {plain(row.title, TITLE)}", f":{colour}[{moved}]:gray[{price}]")


def _head(session: Session, shoppers: list[str], name: str) -> None:
    assert session.dataset is not None
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", wrap=False):
        row = session.ws.shoppers.get(session.dataset.id, name).row
        st.markdown(two_lines(f"**{plain(name, 24)}**", W("tune.lists.events", n=row.events), grey=True))
        if len(shoppers) > 1:
            st.button(
                "", key=f"tune.unpin.{_key(name)}", type="tertiary", icon=":material/close:", help=W("tune.lists.remove"),
                on_click=_unpin, args=(shoppers, name),
            )  # fmt: skip


def _adder(session: Session, shoppers: list[str]) -> None:
    ids = dict(islice(known_ids(session).items(), MOST_IDS))
    chosen = st.selectbox(
        W("recommendations.shopper"), [name for name in ids if name not in shoppers], index=None, key=f"tune.beside.{len(shoppers)}",
        accept_new_options=True, filter_mode="contains", format_func=lambda name: ids.get(name) or one_line(name),
        help=W("recommendations.shopper.help"),
    )  # fmt: skip
    st.button(
        W("tune.lists.add.button"), key="tune.pin", type="primary", disabled=chosen is None, on_click=_pin, args=(session, shoppers, chosen)
    )


def _pin(session: Session, shoppers: list[str], name: str) -> None:
    if _is_known(session, name):
        _beside([*shoppers, name])
    else:
        tab.notice(W("shell.unknown.shopper", id=name))


def _unpin(shoppers: list[str], name: str) -> None:
    _beside([other for other in shoppers if other != name])


def _beside(shoppers: list[str]) -> None:
    tab.choose(shopper=shoppers[0], beside=json.dumps(shoppers[1:]))


def _joined(titles: list[str]) -> str:
    return ", ".join(one_line(t) if len(t) <= 60 else one_line(t)[:59] + "…" for t in titles)


def _key(shopper: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in shopper)[:40]
