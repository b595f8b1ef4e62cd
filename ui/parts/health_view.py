"""Compare: health checks as one matrix, checks × variants; a click opens examples or thresholds."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from recengine.types import Comparison, Estimate
from recengine.types.health import HealthCheck, HealthExample, HealthResult, HealthView
from ui import session as tab
from ui import shell
from ui.parts.compare_parts import distinct_text
from ui.parts.empty import empty
from ui.parts.errors import attempt, guard
from ui.parts.job_card import active, live_jobs
from ui.session import Session
from ui.words import WT, Markdown, W, language, listed, numbers, one_line, plain, told, told_name

KIND, TURN = "health", "health.turn"
ICON = {"green": ":material/check_circle:", "amber": ":material/warning:", "red": ":material/cancel:", "none": ":material/remove:"}
COLOUR = {"green": "green", "amber": "orange", "red": "red", "none": "gray"}
# half-transparent grounds suit the light and the dark table; sign and number carry the meaning
GROUND = {"green": "rgba(46, 160, 96, 0.09)", "amber": "rgba(230, 145, 20, 0.26)", "red": "rgba(214, 60, 50, 0.28)", "none": ""}


def health(session: Session, view: Comparison, k: int) -> None:
    """All chosen variants, each with what was measured last."""
    ws, names = session.ws, {v.id: v.name for v in view.variants}
    found = {v: result for v in names if (result := ws.health.result(v)) is not None}
    running = [j for j in active(ws.jobs.list()) if j.kind == KIND and j.arguments.get("variant") in names]
    missing = [v for v in names if v not in found and v not in {j.arguments.get("variant") for j in running}]
    checks = ws.health.checks()
    if not found and not running:
        words = (W("health.none.title"), W("health.none.why", n=len(checks)), W("health.start", n=len(names)))
        if empty(":material/health_and_safety:", *words, "health.start", action_icon=":material/play_arrow:"):
            _start(session, list(names), k)
            st.rerun()
        return
    opened = None
    if found:
        first = next(iter(found.values()))
        shell.section(W("health.title"), W("health.caption", n=numbers.count(max(f.shoppers for f in found.values())), k=first.k))
        best = next((v for v in names if v in found), None)
        if best is not None:
            st.markdown(sentence(names[best], found[best]))
        opened = _matrix(checks, found, names)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.caption(W("health.legend"), width="content")
            shell.read(W("health.read"))
            if not missing and not running:
                again = (session, list(names), k)
                st.button(W("health.again"), key="health.again", type="tertiary", icon=":material/replay:", on_click=_start, args=again)
    if missing:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            label = W("health.start", n=len(missing))
            st.button(label, key="health.start", icon=":material/play_arrow:", on_click=_start, args=(session, missing, k))
            st.caption(W("health.missing", names=", ".join(names[v] for v in missing)), width="content")
    live_jobs(ws, running, "health")
    if opened is not None:
        check, variant = opened
        _dialog(session, check, found.get(variant), names.get(variant, ""))


def sentence(name: str, view: HealthView) -> Markdown:
    """How many checks a variant passes, and the names of those it does not."""
    judged = [row for row in view.results if row.verdict != "none"]
    bad = [row for row in judged if row.verdict == "red"] or [row for row in judged if row.verdict == "amber"]
    passed = sum(row.verdict == "green" for row in judged)
    titles = listed(told_name(row.check.title).lower() if language() == "en" else told_name(row.check.title) for row in bad)
    words = {"name": name, "passed": passed, "of": len(judged), "bad": titles}
    return Markdown(f":{COLOUR[view.verdict]}[{ICON[view.verdict]}] {W(f'health.verdict.{view.verdict}', n=len(bad), **words)}")


def value_text(check: HealthCheck, value: float, digits: int = 0) -> str:
    """26% for a share, +3 pts for a difference."""
    return numbers.points(value, digits) if check.unit == "points" else numbers.share(value, digits)


def _start(session: Session, variants: list[str], k: int) -> None:
    for variant in variants:
        attempt(session.ws.health.submit, variant, k)


def _matrix(checks: tuple[HealthCheck, ...], found: Mapping[str, HealthView], names: Mapping[str, str]) -> tuple[HealthCheck, str] | None:
    """A row a check, a column a variant that was measured; returns the check and the variant ("" for its name) that were clicked."""
    rows = {v: {row.check.key: row for row in view.results} for v, view in found.items()}
    titles = dict(zip(found, distinct_text([one_line(names[v]) for v in found]), strict=True))
    frame = pd.DataFrame(
        {"check": [one_line(told_name(c.title)) for c in checks]} | {v: [_cell(rows[v].get(c.key)) for c in checks] for v in found}
    )
    grounds = pd.DataFrame("", index=frame.index, columns=frame.columns)
    for v in found:
        verdicts = [rows[v][c.key].verdict if c.key in rows[v] else "none" for c in checks]
        grounds[v] = [f"background-color: {GROUND[x]}" if GROUND[x] else "" for x in verdicts]
    turn = st.session_state.setdefault(TURN, 0)  # a fresh table after each click, so that the same cell can be clicked again
    every = [row.verdict for view in found.values() for row in view.results]
    column = st.column_config
    event = st.dataframe(
        frame.style.apply(lambda _: grounds, axis=None),
        key=f"health.table.{turn}.{'.'.join(found)}",
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        alt=WT("health.alt", n=len(checks), variants=len(found), red=every.count("red"), amber=every.count("amber")),
        column_config={"check": column.TextColumn(WT("health.check"), width=176)}
        | {v: column.TextColumn(titles[v], width=88) for v in found},
    )
    cells = event["selection"]["cells"]
    if not cells:
        return None
    st.session_state[TURN] = turn + 1
    return checks[cells[0][0]], "" if cells[0][1] == "check" else cells[0][1]


def _cell(row: HealthResult | None) -> str:
    if row is None or row.verdict == "none":
        return WT("health.cell.none")
    return WT(f"health.cell.{row.verdict}", value=value_text(row.check, row.estimate.value))


def _dialog(session: Session, check: HealthCheck, view: HealthView | None, name: str) -> None:
    @st.dialog(one_line(told_name(check.title)), width="large", icon=":material/health_and_safety:", on_dismiss="rerun")
    def show() -> None:
        with guard():
            st.markdown(f"**{plain(told(check.question))}**")
            st.caption(plain(told(check.meaning)))
            row = next((r for r in view.results if r.check.key == check.key), None) if view else None
            if view is not None and row is not None:
                _answer(row, name)
                _examples(view, row)
            else:
                _thresholds(session, check)

    show()


def _answer(row: HealthResult, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(plain(name), width="content")
        st.badge(W(f"health.word.{row.verdict}"), icon=ICON[row.verdict], color=COLOUR[row.verdict])  # type: ignore[arg-type]
        if row.verdict != "none":
            st.markdown(_interval(row.check, row.estimate), width="content")
    if row.detail:
        st.markdown(plain(told(row.detail)))
    st.caption(f"{limits(row.check)} {plain(told(row.check.reason))}")


def _interval(check: HealthCheck, estimate: Estimate) -> Markdown:
    value = value_text(check, estimate.value, 1)
    if estimate.n < 2 or estimate.low != estimate.low:
        return W("health.value.exact", value=value)
    low, high = value_text(check, estimate.low, 1), value_text(check, estimate.high, 1)
    return W("health.value", value=value, interval=f"{low} – {high}")


def limits(check: HealthCheck) -> Markdown:
    """Where amber and red begin."""
    words = {"amber": value_text(check, check.amber), "red": value_text(check, check.red)}
    return W("health.threshold.above" if check.higher_is_worse else "health.threshold.below", **words)


def _examples(view: HealthView, row: HealthResult) -> None:
    if row.verdict == "none":
        return
    shell.section(W("health.examples"))
    if not row.examples:
        st.caption(W("health.examples.none"))
    with st.grid(2, min_column_width=260, gap="small"):
        for example in row.examples:
            _example(view, example)


def _example(view: HealthView, example: HealthExample) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{plain(example.title, 60) if example.item else W('health.example.list')}**")
        if example.other:
            st.caption(W("health.example.other", title=plain(example.other_title, 60)))
        st.markdown(plain(told(example.text)))
        if example.shopper:
            choices = {"dataset": tab.param("dataset") or "", "variant": view.variant, "shopper": example.shopper}
            label = W("health.example.shopper", shopper=plain(example.shopper, 24))
            st.page_link(shell.page("recommendations"), label=label, icon=shell.ICONS["recommendations"], query_params=choices)
        else:
            st.caption(W("health.example.nobody"))


def _thresholds(session: Session, check: HealthCheck) -> None:
    """Where amber and red begin, and a way to move both."""
    shell.section(W("health.thresholds"), limits(check))
    st.markdown(plain(told(check.reason)))
    with st.container(horizontal=True, gap="small"):
        for end in ("amber", "red"):
            value = 100 * getattr(check, end)
            st.number_input(W(f"health.{end}"), value=value, step=1.0, format="%.1f", key=f"health.{end}.{check.key}")
    st.caption(W("health.threshold.certain"))
    with st.container(horizontal=True, gap="small"):
        keep, words = (session, check.key), W("health.keep")
        if st.button(words, key="health.keep", type="primary", icon=":material/save:", on_click=_keep, args=keep):
            st.rerun()
        back, words = (session.ws.health.set_thresholds, check.key), W("health.default")
        if check.changed and st.button(words, key="health.default", type="tertiary", icon=":material/undo:", on_click=attempt, args=back):
            st.rerun()


def _keep(session: Session, key: str) -> None:
    amber, red = (st.session_state[f"health.{end}.{key}"] / 100 for end in ("amber", "red"))
    attempt(session.ws.health.set_thresholds, key, amber, red)
