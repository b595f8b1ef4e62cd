"""Where every record of a file went, and what the data can train."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import ImportCheck, ImportReport
from ui import shell
from ui.charts import data_charts
from ui.words import WT, W, numbers, one_line, plain, told

REASONS_SHOWN = 12
LEVELS = {
    "ok": (":material/check_circle:", "green"),
    "warn": (":material/warning:", "orange"),
    "no": (":material/cancel:", "red"),
}


def outcome(report: ImportReport) -> None:
    """Accepted, skipped and rejected records, and the reasons."""
    rows = report.rows
    shell.section(W("report.title"), W("report.caption", n=numbers.count(rows.physical), time=numbers.duration(report.seconds)))
    with st.container(border=True, gap="small"):
        _fate(report, report.dataset)


def expected(check: ImportCheck, upload: str) -> None:
    """What the import would do with every record."""
    shell.section(W("check.title"), W("check.caption", shoppers=numbers.count(check.shoppers), items=numbers.count(check.items)))
    with st.container(border=True, gap="small"):
        _fate(check, upload)


def _fate(view: ImportReport | ImportCheck, key: str) -> None:
    """Badges, one bar and the reasons."""
    rows = view.rows
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(_part("accepted", rows.accepted, rows.physical), icon=":material/check:", color="green")
        st.badge(_part("skipped", rows.skipped, rows.physical), icon=":material/redo:", color="gray")
        st.badge(_part("rejected", rows.rejected, rows.physical), icon=":material/block:", color="orange")
    parts = [(WT(f"report.{kind}"), getattr(rows, kind)) for kind in ("accepted", "skipped", "rejected")]
    alt = WT("report.alt", share=numbers.share(rows.accepted / max(1, rows.physical)))
    shell.chart(data_charts.outcome_bar(parts), f"outcome.{key}", alt)
    if view.reasons:
        _reasons(view, key)


def _part(kind: str, n: int, total: int) -> str:
    return W(f"report.part.{kind}", n=numbers.count(n), share=numbers.share(n / max(1, total)))


def _reasons(report: ImportReport | ImportCheck, key: str) -> None:
    shown = sorted(report.reasons, key=lambda r: -r[2])[:REASONS_SHOWN]
    frame = pd.DataFrame(
        {
            "reason": [sentence(one_line(told(reason))) for _, reason, _ in shown],
            "kind": [WT(f"report.{kind}") for kind, _, _ in shown],
            "n": [n for _, _, n in shown],
            "share": [n / max(1, report.rows.physical) for _, _, n in shown],
        }
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        alt=WT("report.reasons.alt", reason=told(shown[0][1]), n=numbers.count(shown[0][2])),
        key=f"reasons.{key}",
        column_config={
            "reason": column.TextColumn(WT("report.reason"), width=220),
            "kind": column.TextColumn(WT("report.kind"), width=84),
            "n": column.NumberColumn(WT("report.lines"), format="localized", width=80),
            "share": column.ProgressColumn(WT("report.share"), format="percent", min_value=0, max_value=1, color="gray", width=110),
        },
    )


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def verdict(report: ImportReport | ImportCheck) -> None:
    """What this data can and cannot carry, one line each."""
    shell.section(W("verdict.title"))
    with st.container(border=True, gap="xsmall"):
        for line in report.verdicts:
            icon, colour = LEVELS[line.level]
            st.markdown(f":{colour}[{icon}] **{plain(told(line.topic))}:** {plain(told(line.text))}")
