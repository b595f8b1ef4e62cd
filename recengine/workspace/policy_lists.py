"""Lists under a policy: for shoppers on a page, for the pool that tuning measures, and each place said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from recengine.explain.titles import item_title
from recengine.types.policies import PolicyPlace, PolicyTerm, RuleField, RuleView
from recengine.workspace.context import Context

if TYPE_CHECKING:
    import scipy.sparse as sp

    from recengine.data.dataset import Dataset
    from recengine.data.histories import Histories
    from recengine.policy.policy import Policy, PolicyLists, PolicySpec
    from recengine.policy.shop import PolicyShop
    from recengine.policy.trail import Step
    from recengine.workspace.context import LoadedVariant

POOL = 200  # places by score that a policy may choose from
EXAMPLES = 3
MOST_VALUES = 500


def policy_shop(context: Context, dataset: str) -> PolicyShop:
    """A dataset as policies see it; made once."""
    from recengine.policy.shop import PolicyShop

    return context.views.get(("policy shop", dataset), lambda: PolicyShop.of(context.dataset(dataset), context.item_vectors(dataset)))


def ready_policy(
    context: Context, dataset: str, spec: PolicySpec, scene: str = "home", day: date | None = None, anchors: tuple[int, ...] = ()
) -> Policy:
    """A policy with the items that its rules mean looked up; made once for a scene and a day."""
    from recengine.policy.policy import Policy
    from recengine.policy.shop import Situation

    key = ("policy", dataset, spec.model_dump_json(), scene, day, anchors)
    return context.views.get(key, lambda: Policy(spec, policy_shop(context, dataset), Situation(scene, day, anchors)))


def segments_of(dataset: Dataset, histories: Histories) -> dict[str, np.ndarray]:
    """Segment → bool [B]: cold, warm and hot by the length of the history, and every value of the file's shopper column."""
    from recengine.evaluation.segments import SEGMENTS, shopper_segment

    activity = shopper_segment(histories.sign_counts)
    found = {name: activity == n for n, name in enumerate(SEGMENTS)}
    if len(dataset.users):
        known = histories.user_codes >= 0
        features = np.where(known, dataset.user_features[np.maximum(histories.user_codes, 0)], "").astype(str)
        found |= {str(value): features == value for value in np.unique(features) if value and value not in found}
    return found


def ranked_by_policy(loaded: LoadedVariant, histories: Histories, k: int, policy: Policy, off: sp.csr_matrix | None = None) -> PolicyLists:
    """Lists of k for a batch of histories under a policy; what the shoppers already have (or `off`) is left out, as everywhere.

    Items that pins name are scored by the model too, so that their terms start from its own score; they stand where a pin puts them and
    nowhere else.
    """
    from recengine.policy.shop import Visitors

    catalogue = loaded.dataset.catalogue
    visitors = Visitors(histories, segments_of(loaded.dataset, histories))
    seen = policy.spec.controls.kept_off(histories.had(len(catalogue)), visitors) if off is None else off
    pool = loaded.model.recommend(histories, max(POOL, k), exclude=seen, allow=catalogue.sellable)
    wanted = scores_of(loaded, histories, policy.wanted)
    return policy.apply(np.asarray(pool.item_codes), np.asarray(pool.scores, dtype=np.float64), k, visitors, wanted)


def shown_at(histories: Histories, day: date | None, hour: int | None) -> Histories:
    """The same shoppers asking on another day (with an hour alone: the day after the last event), at an hour of it (UTC); as they are
    where neither is said.
    """
    from recengine.policy.rules.conditions import day_after, day_start_s

    if day is None and hour is None:
        return histories
    seconds = 3600 * hour if hour is not None else 12 * 3600
    now = [day_start_s(day or day_after(int(moment))) + seconds for moment in histories.now_s]
    return replace(histories, now_s=np.array(now, dtype=np.int64))


def rule_fields(shop: PolicyShop) -> tuple[RuleField, ...]:
    """What conditions can ask for in a shop: fields that hold nothing are left out."""
    from recengine.policy.rules.conditions import DATE_OPS, KNOWN_OPS, NUMBER_OPS, OWN_FIELDS, TEXT_OPS, WORD_OPS

    out: list[RuleField] = []
    for name in dict.fromkeys([*OWN_FIELDS, *shop.attributes]):
        texts, numbers = shop.text_field(name), shop.number_field(name)
        if name == "first_sold":
            out.append(RuleField(name, "date", (*DATE_OPS, *KNOWN_OPS)))
        elif numbers is not None and np.isfinite(numbers).any():
            out.append(RuleField(name, "number", (*NUMBER_OPS, *KNOWN_OPS)))
        elif texts is not None and any(texts):
            words = np.array([str(text) for text in texts if text])
            values, counts = np.unique(words, return_counts=True)
            frequent = values[np.argsort(-counts, kind="stable")] if name != "id" else words[np.argsort(-shop.counted.counts[texts != ""])]
            ops = (*WORD_OPS, *TEXT_OPS) if name == "title" else (*TEXT_OPS, *WORD_OPS, *KNOWN_OPS)
            offered = () if name == "title" else tuple(str(value) for value in frequent[:MOST_VALUES])
            out.append(RuleField(name, "text", ops, offered))
    return tuple(out)


def scores_of(loaded: LoadedVariant, histories: Histories, items: np.ndarray) -> np.ndarray:
    """float64 [B, n]: the model's own scores of some items (int32 [n]), NaN where it has none."""
    if not len(items):
        return np.zeros((len(histories), 0))
    asked = np.ascontiguousarray(np.broadcast_to(items, (len(histories), len(items))))
    found = loaded.model.score(histories, asked).numpy().astype(np.float64)
    if loaded.model.can.linear:
        found = np.where(np.isnan(found), np.nan, loaded.model.exact_scores(histories, asked))
    return found


def place_views(policy: Policy, found: PolicyLists, row: int) -> tuple[PolicyPlace, ...]:
    """One list, place by place: what moved every item from the model's score to its final one."""
    return tuple(place_view(policy, found, row, place) for place, code in enumerate(found.item_codes[row].tolist()) if code >= 0)


def place_view(policy: Policy, found: PolicyLists, row: int, place: int) -> PolicyPlace:
    """One place (from 0) of one list."""
    trail, catalogue, code = found.trail, policy.shop.catalogue, int(found.item_codes[row, place])
    return PolicyPlace(
        item=str(catalogue.vocabulary.ids[code]),
        score=float(trail.score[row, place]),
        final=float(trail.final[row, place]),
        rank_by_score=int(found.by_score[row, place]) + 1,
        added=bool(trail.added[row, place]),
        terms=tuple(_term(policy, step, row, place, value) for step, value in trail.at(row, place)),
        title=item_title(catalogue, code),
        category=str(catalogue.categories[code]),
        price=float(catalogue.prices[code]) if np.isfinite(catalogue.prices[code]) else None,
    )


def rule_views(policy: Policy) -> tuple[RuleView, ...]:
    """Every rule said back in words, with the items it means."""
    from recengine.policy.rules.conditions import meant
    from recengine.policy.rules.words import sentence
    from recengine.policy.rules.words_zh import sentence as sentence_zh

    shop, out = policy.shop, []
    for rule in policy.spec.rules:
        items = np.flatnonzero(meant(rule.conditions, rule.match, shop, policy.today))
        popular = items[np.argsort(-shop.counted.counts[items], kind="stable")][:EXAMPLES]
        said = sentence(rule)
        examples = tuple(item_title(shop.catalogue, int(code)) for code in popular)
        form = rule.model_dump(mode="json", exclude_defaults=True)
        out.append(RuleView(rule.id, rule.name or said, said, sentence_zh(rule), len(items), examples, rule in policy.rules, form))
    return tuple(out)


def _term(policy: Policy, step: Step, row: int, place: int, value: float) -> PolicyTerm:
    from recengine.policy.words import limit_words, rule_name, step_words

    shop = policy.shop
    code = int(step.other[row, place]) if step.other is not None else -1
    key, name, name_zh = "", "", ""
    if code >= 0 and step.refers == "item":
        key, name = str(shop.catalogue.vocabulary.ids[code]), item_title(shop.catalogue, code)
    elif code >= 0 and step.refers in shop.items.names:
        key = name = shop.items.names[step.refers][code]
    elif code >= 0 and step.refers == "rule":
        key, (name, name_zh) = f"rule:{policy.rules[code].id}", rule_name(policy.rules[code])
    elif code >= 0 and step.refers == "limit":
        key, (name, name_zh) = f"limit:{code + 1}", limit_words(policy.spec.limits[code])
    elif step.key.startswith("rule:"):
        rule = next(rule for rule in policy.rules if f"rule:{rule.id}" == step.key)
        key, (name, name_zh) = step.key, rule_name(rule)
    in_english, in_chinese = step_words(step, name, name_zh)
    amount = float(step.amount[row, place]) if step.amount is not None else None
    return PolicyTerm(step.key, in_english, in_chinese, value, key, amount)
