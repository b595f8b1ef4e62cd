"""Answers of why-not and of the smallest set in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recengine.explain.titles import item_title
from recengine.explain.why_not import Stage, WayIn, WhyNot
from recengine.policy.parts import part_words
from recengine.types.explanations import GapRow, GeneratorRow, PolicyWayRow, WayInRow, WhyNotView
from recengine.types.policies import PolicyUse
from recengine.workspace.text import known

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.policy_why_not import PolicyPart, PolicyWay
    from recengine.policy.policy import Policy
    from recengine.workspace.context import LoadedVariant


def smallest_sentence(title: str, gone: list[str], proof: str, k: int, rank: int) -> str:
    """What the smallest set says."""
    if not 0 < rank <= k:
        return f"{title} is not among the first {k}."
    if not gone:
        return f"{title} stays among the first {k} whatever past items are left out."
    names = ", ".join(gone)
    ending = "No smaller set does this." if proof == "proved" else "A smaller set may exist."
    return f"Without {names}, {title} is no longer among the first {k}. {ending}"


def why_not_view(
    loaded: LoadedVariant,
    histories: Histories,
    found: WhyNot,
    shopper: str,
    use: PolicyUse | None = None,
    policy: Policy | None = None,
    part: PolicyPart | None = None,
) -> WhyNotView:
    """The answer with ids and titles; `part` is what the policy had to do with it, None where nothing."""
    catalogue = loaded.dataset.catalogue
    title, last = item_title(catalogue, found.item_code), found.last_code
    codes = catalogue.vocabulary
    named = [gap.name or item_title(catalogue, codes.code(gap.key)) for gap in found.gaps]
    gaps = tuple(GapRow(gap.key, name, gap.kind, gap.here, gap.there, gap.difference) for name, gap in zip(named, found.gaps, strict=True))
    return WhyNotView(
        variant=loaded.record.id,
        shopper=shopper,
        item=str(catalogue.vocabulary.ids[found.item_code]),
        title=title,
        stage=found.stage.value,
        k=found.k,
        rank=found.place,
        score=known(found.score),
        last_item=str(catalogue.vocabulary.ids[last]) if last >= 0 else "",
        last_title=item_title(catalogue, last) if last >= 0 else "",
        last_score=known(found.last_score),
        generators=tuple(GeneratorRow(g.title, g.place, g.quota) for g in found.generators),
        gaps=gaps,
        ways=tuple(_way(loaded, histories, way) for way in found.ways),
        sentence=_sentence(loaded, histories, found, title, gaps) if part is None else _with_policy(found, title, policy, part, gaps),
        use=use,
        removed=tuple(part_words(policy.spec, name)[0] for name in part.removed) if part and policy else (),
        policy_ways=tuple(_policy_way(way) for way in part.ways) if part else (),
    )


def _policy_way(way: PolicyWay) -> PolicyWayRow:
    return PolicyWayRow(way.parts, way.text, way.text_zh, way.place, way.brings_in, way.spec.model_dump(mode="json"))


def _gap(gaps: tuple[GapRow, ...]) -> str:
    return gaps[0].name.lower() if gaps[0].kind == "signal" else gaps[0].name


def _with_policy(found: WhyNot, title: str, policy: Policy | None, part: PolicyPart, gaps: tuple[GapRow, ...]) -> str:
    """The stage, what the policy had to do with it, and the smallest change of the policy that brings the item in."""
    best = part.ways[0] if part.ways else None
    if part.removed and policy is not None:
        names = " and ".join(part_words(policy.spec, name)[0] for name in part.removed)
        text = f"{title} is kept off the list by {names}."
        if found.stage not in (Stage.RULE, Stage.LISTED):
            text = f"{_stage(found, title)} Besides, it is kept off the list by {names}."
    elif found.stage is Stage.DISPLACED and policy is not None:
        causes = [name for way in part.ways if way.brings_in for name in way.parts]
        names = " or ".join(part_words(policy.spec, name)[0] for name in causes[:2]) or "several parts of the policy together"
        text = f"{title} is number {found.place:,} by score; {names} put others in its place."
    else:
        text = _stage(found, title)
    if found.stage is Stage.OUTRANKED and not part.removed and gaps:
        text += f" What tells it most from the last item on the list: {_gap(gaps)}."
    if best is not None and best.brings_in:
        text += f" It would be on the list, at place {best.place}, {best.text}."
    elif best is not None and best.place:
        text += f" It would stand at place {best.place}, {best.text}."
    elif best is not None and best.parts:
        text += f" It would not be among the candidates of the policy, {best.text}."
    return text


def _way(loaded: LoadedVariant, histories: Histories, way: WayIn) -> WayInRow:
    ids = loaded.dataset.catalogue.vocabulary.ids
    edits: list[dict[str, object]] = []
    for edit in way.edits:
        if edit.kind == "remove":
            edits.append({"kind": "remove", "place": edit.place})
        elif edit.kind == "add":
            edits.append({"kind": "add", "item": str(ids[edit.item]), "behaviour": edit.behaviour})
        else:
            edits.append({"kind": "price", "item": str(ids[edit.item]), "price": edit.price})
    return WayInRow(way.edits[0].kind, _change(loaded, histories, way), tuple(edits), way.place, way.score, way.brings_in)


def _change(loaded: LoadedVariant, histories: Histories, way: WayIn) -> str:
    catalogue, edit = loaded.dataset.catalogue, way.edits[0]
    if edit.kind == "remove":
        return f"without {item_title(catalogue, int(histories.item_codes[edit.place]))}"
    if edit.kind == "add":
        return f"after buying {item_title(catalogue, edit.item)}"
    return f"at a price of {edit.price:,.2f}"


def _sentence(loaded: LoadedVariant, histories: Histories, found: WhyNot, title: str, gaps: tuple[GapRow, ...]) -> str:
    text = _stage(found, title)
    if found.stage is Stage.OUTRANKED and gaps:
        text += f" What tells it most from the last item on the list: {_gap(gaps)}."
    entering = [way for way in found.ways if way.brings_in]
    if entering:
        text += f" It would be on the list, at place {entering[0].place}, {_change(loaded, histories, entering[0])}."
    elif found.ways:
        text += f" The change that moves it furthest, to place {found.ways[0].place}: {_change(loaded, histories, found.ways[0])}."
    return text


def _stage(found: WhyNot, title: str) -> str:
    if found.stage is Stage.TAKEN:
        return f"The shopper already has {title}."
    if found.stage is Stage.NOT_SOLD:
        return f"{title} is not sold as a product."
    if found.stage is Stage.UNKNOWN:
        return f"The model learned nothing about {title}."
    if found.stage is Stage.LISTED:
        return f"{title} is on the list."
    if found.stage is Stage.RULE:
        return f"{title} is kept off the list by the policy."
    if found.stage is Stage.DISPLACED:
        return f"{title} is number {found.place} by score; the policy put others in its place."
    if found.stage is Stage.NOT_RECALLED:
        near = next((g for g in found.generators if g.place), None)
        if near is None:
            return f"No model of the funnel can score {title}."
        return f"No model put {title} forward; the nearest is {near.title}: place {near.place:,}, and it puts forward {near.quota:,}."
    where = f"number {found.place:,}" if found.place else "beyond the first 500"
    if np.isnan(found.last_score) or np.isnan(found.score):
        return f"{title} is {where} by score; the list ends at {found.k}."
    return f"{title} is {where} by score; it has {found.score:.3g}, and the last item on the list {found.last_score:.3g}."
