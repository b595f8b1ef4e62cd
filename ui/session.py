"""What one browser tab looks at: ids from the address, checked against the workspace, written back so that a link opens the same view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from recengine.errors import NotFound
from recengine.types import DatasetRow, PolicyRow, VariantRow
from recengine.workspace import Workspace
from ui.state import workspace
from ui.words import W

KEYS = ("dataset", "variant", "shopper", "policy")
RANKING = "ndcg@10"
_AUTOMATIC = "session.automatic_variant"


@dataclass(frozen=True)
class Session:
    """One tab's choices, all of them valid."""

    ws: Workspace
    datasets: tuple[DatasetRow, ...]  # newest first
    variants: tuple[VariantRow, ...]  # of the chosen dataset, best first
    policies: tuple[PolicyRow, ...]  # of the chosen dataset
    dataset: DatasetRow | None
    variant: VariantRow | None
    policy: PolicyRow | None
    shopper: str | None  # as asked for; pages that need a shopper call `checked_shopper`


def param(name: str) -> str | None:
    """One value of the address, else what this tab chose last; None when neither says anything."""
    value = st.query_params.get(name) or st.session_state.get(f"choice.{name}")
    return value or None


def choose(**choices: str | None) -> None:
    """Remember ids for this tab and write them into the address; None forgets one. A new dataset forgets variant, shopper and policy."""
    if "dataset" in choices and choices["dataset"] != param("dataset"):
        choices = {"variant": None, "shopper": None, "policy": None, **choices}
    if "variant" in choices:
        st.session_state.pop(_AUTOMATIC, None)
    for name, value in choices.items():
        st.session_state[f"choice.{name}"] = value
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def notice(text: str) -> None:
    """Say something once, above the next page that is drawn."""
    st.session_state.setdefault("notices", []).append(text)


def notices() -> list[str]:
    """Take what is to be said."""
    return st.session_state.pop("notices", [])


def best_first(variants: list[VariantRow]) -> tuple[VariantRow, ...]:
    """By NDCG@10, then newest. Those judged over time come first: figures of another protocol do not compare."""

    def place(row: VariantRow) -> tuple[bool, float]:
        value = row.metrics[RANKING].value if RANKING in row.metrics else math.nan
        return row.split != "time", math.inf if math.isnan(value) else -value

    return tuple(sorted(sorted(variants, key=lambda v: v.created, reverse=True), key=place))


def _unknown(kind: str, value: str) -> None:
    choose(**{kind: None})
    notice(W(f"shell.unknown.{kind}", id=value))


def current() -> Session:
    """Read the address, fall back to the newest dataset and its best variant, write the result back."""
    ws = workspace()
    datasets = tuple(sorted(ws.datasets.list(), key=lambda d: d.created, reverse=True))
    by_id = {d.id: d for d in datasets}
    asked_dataset, asked_variant = param("dataset"), param("variant")
    if asked_variant and asked_variant == st.session_state.get(_AUTOMATIC):
        asked_variant = None  # nobody chose it: a better one may have been trained since
    if asked_dataset and asked_dataset not in by_id:
        _unknown("dataset", asked_dataset)
        asked_dataset = None
    everything = {v.id: v for v in ws.variants.list()}
    if asked_variant and asked_variant not in everything:
        _unknown("variant", asked_variant)
        asked_variant = None
    if asked_variant and not asked_dataset:
        asked_dataset = everything[asked_variant].dataset
    dataset = by_id.get(asked_dataset or "") or (datasets[0] if datasets else None)
    variants = best_first([v for v in everything.values() if dataset and v.dataset == dataset.id])
    variant = next((v for v in variants if v.id == asked_variant), None)
    if asked_variant and variant is None:
        notice(W("shell.other_dataset", variant=everything[asked_variant].name))
    automatic = variant is None and bool(variants)
    variant = variants[0] if automatic else variant
    policies = tuple(ws.tuning.policies(dataset.id)) if dataset else ()
    asked_policy = param("policy")
    policy = next((p for p in policies if p.id == asked_policy), None)
    if asked_policy and policy is None:
        _unknown("policy", asked_policy)
    shopper = param("shopper")
    choose(dataset=dataset.id if dataset else None)
    choose(variant=variant.id if variant else None, shopper=shopper, policy=policy.id if policy else None)
    if automatic:
        st.session_state[_AUTOMATIC] = variants[0].id
    return Session(ws, datasets, variants, policies, dataset, variant, policy, shopper)


def checked_shopper(session: Session) -> str | None:
    """The shopper of the address when the dataset has them, else an example shopper with a notice; None without shoppers."""
    if session.dataset is None:
        return None
    if session.shopper:
        try:
            session.ws.shoppers.get(session.dataset.id, session.shopper)
        except NotFound:
            _unknown("shopper", session.shopper)
        else:
            return session.shopper
    examples = session.ws.shoppers.examples(session.dataset.id, n=1)
    if examples:
        choose(shopper=examples[0].shopper)
        return examples[0].shopper
    return None
