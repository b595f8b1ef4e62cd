"""Who is served well and who is shown: groups of shoppers, suppliers, and a minimum exposure with its price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput
from recengine.types import Estimate
from recengine.types.fairness import GroupFairness, MinimumExposure, ParityGap, ShopperGroup, Supplier, SupplierFairness
from recengine.types.policies import PolicyUse
from recengine.workspace.context import Context
from recengine.workspace.policy_effects import PolicyEffects
from recengine.workspace.policy_spec import parsed
from recengine.workspace.shaped_lists import resolved
from recengine.workspace.text import known

if TYPE_CHECKING:
    pass

METRICS = ("ndcg", "recall", "hit_rate", "novelty", "diversity")
BY_SHOPPER, BY_ITEM = ("activity", "segment"), ("brand", "category", "price")
MOST_SUPPLIERS, MOST_GROUPS = 24, 12
STRONGEST = 100
WORDS = {"ndcg": "NDCG", "recall": "recall", "hit_rate": "hit rate", "novelty": "novelty", "diversity": "diversity"}


class Fairness:
    """Measured on the held-out shoppers, with the lists as of the test cut."""

    def __init__(self, context: Context, effects: PolicyEffects) -> None:
        self._context, self._effects = context, effects

    def groupings(self, variant: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What shoppers and what items can be grouped by in this data. Raises NotFound."""
        dataset = self._context.dataset(self._context.variants.info(variant).dataset_id)
        features = {str(value) for value in dataset.user_features if value}
        items = self._items(variant)
        return (
            tuple(by for by in BY_SHOPPER if by == "activity" or 1 < len(features) <= MOST_GROUPS),
            tuple(by for by in BY_ITEM if len(items.names.get(by, ())) > 1),
        )

    def groups(self, variant: str, policy: PolicyUse | None = None, by: str = "activity", k: int = 10) -> GroupFairness:
        """Figures of each group of shoppers under a policy, and whether the largest gap is more than chance.

        Args:
            variant: id of a variant.
            policy: of the lists; None = by score alone.
            by: activity, or segment (the shopper column of the file).
            k: length of the lists.

        Raises:
            NotFound: unknown variant.
            BadInput: data without such groups, or a policy that makes no sense.

        Cost: 1 s for 10,000 shoppers, then remembered.
        """
        use = self._use(variant, policy)
        self._check(by, self.groupings(variant)[0])
        return self._context.views.get(("fair groups", variant, use, by, k), lambda: self._groups(variant, use, by, k))

    def suppliers(self, variant: str, by: str = "brand", policy: PolicyUse | None = None, k: int = 10) -> SupplierFairness:
        """Exposure of brands, categories or price bands against their share of the catalogue and of what shoppers chose later.

        Raises:
            NotFound: unknown variant.
            BadInput: data without such groups, or a policy that makes no sense.

        Cost: 1 s for 10,000 shoppers, then remembered.
        """
        use = self._use(variant, policy)
        self._check(by, self.groupings(variant)[1])
        return self._context.views.get(("fair suppliers", variant, use, by, k), lambda: self._suppliers(variant, use, by, k))

    def minimum_exposure(
        self, variant: str, group: str, share: float, policy: PolicyUse | None = None, by: str = "brand", k: int = 10
    ) -> MinimumExposure:
        """The policy with the weakest boost under which a brand or category has a share of the exposure, and what that costs.

        Where the strongest boost is not enough, every list gets a floor instead: at least a share of its places.

        Args:
            variant: id of a variant.
            group: name of the brand or category.
            share: of the attention of all lists, above 0, at most 1.
            policy: to start from; None = by score alone.
            by: brand or category.
            k: length of the lists.

        Raises:
            NotFound: unknown variant.
            BadInput: a share that is none, or a group that the shop does not have.

        Cost: some ten policies applied, about 4 s for 10,000 shoppers.
        """
        if not 0 < share <= 1:
            raise BadInput(f"A share cannot be {share:g}.", "", "Choose more than 0, and 1 at most.")
        if by not in ("brand", "category"):
            raise BadInput(f"A minimum cannot be held for a {by[:30]}.", "", "Choose brand or category.")
        self._check(by, self.groupings(variant)[1])
        names = self._items(variant).names[by]
        if group not in names:
            raise BadInput(f"There is no {by} called {group[:60]}.", "", f"Choose one of: {', '.join(names[:5])} …")
        use = self._use(variant, policy)
        key = ("fair minimum", variant, group, round(share, 6), use, by, k)
        return self._context.views.get(key, lambda: self._minimum(variant, group, share, use, by, k))

    def _groups(self, variant: str, use: PolicyUse | None, by: str, k: int) -> GroupFairness:
        from recengine.evaluation.fairness import FEWEST, coverage_of_groups, group_means
        from recengine.workspace.policy_tuning import measured, pool_of

        spec, scene, day = self._asked(use)
        found, pool = measured(self._context, variant, spec, k, scene, day), pool_of(self._context, variant)
        names, group = self._shopper_groups(variant, by)
        columns = [name for name in METRICS if name in found.names]
        means = {name: group_means(found.table[:, found.names.index(name)], group, len(names)) for name in columns}
        covered, n = coverage_of_groups(found.lists, group, len(names), pool.shop.sellable)
        rows = tuple(
            ShopperGroup(name, int((group == g).sum()), {metric: means[metric].means[g] for metric in columns}, covered[g])
            for g, name in enumerate(names)
        )
        gaps = tuple(
            ParityGap(metric, names[gap.best], names[gap.worst], gap.gap, known(gap.ratio), gap.differs)
            for metric, m in means.items()
            if (gap := m.gap) is not None
        )
        gaps = tuple(sorted(gaps, key=lambda gap: not gap.differs))
        return GroupFairness(variant, k, by, rows, gaps, n, use, _groups_sentence(gaps, FEWEST))

    def _suppliers(self, variant: str, use: PolicyUse | None, by: str, k: int) -> SupplierFairness:
        from recengine.evaluation.fairness import answers_of, chosen_by, exposure_of, shares, shown_of
        from recengine.workspace.policy_tuning import pool_lists, pool_of

        spec, scene, day = self._asked(use)
        policy, found = pool_lists(self._context, variant, spec, k, scene, day)
        pool, items = pool_of(self._context, variant), policy.shop.items
        sold = policy.shop.catalogue.sellable
        own, all_names, targets = items.group(by), items.names[by], pool.targets
        chosen = chosen_by(targets.truth_indptr, targets.truth_items, own, len(all_names))
        group, names, counts = _largest(own, all_names, shown_of(found.item_codes, own, len(all_names)), chosen, sold)
        exposure = exposure_of(found.item_codes, group, len(names))
        answers = answers_of(targets.truth_indptr, targets.truth_items, group, len(names))
        told = shares(exposure, answers)
        rows = [
            Supplier(
                name,
                int(counts[g]),
                float(counts[g] / max(counts.sum(), 1)),
                told.exposure[g],
                told.other[g],
                told.difference[g],
                _verdict(bool(told.judged[g]), bool(told.differs[g]), told.difference[g].value),
            )
            for g, name in enumerate(names)
        ]
        rest = [row for row in rows if not row.name]
        rows = sorted((row for row in rows if row.name), key=lambda row: (-_weight(row), row.name)) + rest
        return SupplierFairness(variant, k, by, tuple(rows), len(found.item_codes), use, _suppliers_sentence(rows, by))

    def _minimum(self, variant: str, group: str, share: float, use: PolicyUse | None, by: str, k: int) -> MinimumExposure:
        spec, scene, day = self._asked(use)
        start = spec.model_dump(mode="json")
        conditions = [{"field": by, "op": "is", "values": [group]}]
        groups = self._items(variant).group(by)
        members = np.where(groups < 0, -1, groups == self._items(variant).names[by].index(group))

        def boosted(strength: int) -> dict[str, Any]:
            rule = {"action": "boost", "strength": strength, "conditions": conditions, "name": f"Minimum exposure: {group}"[:120]}
            return {**start, "rules": [*start["rules"], rule]}

        def floored(least: float) -> dict[str, Any]:
            limit = {"kind": "at_least", "what": "matching", "share": least, "conditions": conditions}
            return {**start, "limits": [*start["limits"], limit]}

        def reaches(content: dict[str, Any]) -> float:
            return self._share(variant, content, members, k, scene, day)

        before = reaches(start)
        how, amount, made = "nothing", 0.0, start
        if before < share:
            how, amount, made = "boost", float(STRONGEST), boosted(STRONGEST)
            if reaches(made) >= share:
                low, high = 0, STRONGEST
                while high - low > 1:  # a stronger boost shows the group no less
                    middle = (low + high) // 2
                    low, high = (low, middle) if reaches(boosted(middle)) >= share else (middle, high)
                amount, made = float(high), boosted(high)
            else:
                how, amount, made = self._floor(floored, reaches, share, k)
        after = reaches(made)
        price = self._effects.effect(variant, made, start, k, scene, day).change
        sentence = _minimum_sentence(group, share, before, after, how, amount, price.get("ndcg"), k)
        return MinimumExposure(variant, by, group, share, before, after, after >= share, how, amount, price, made, sentence)

    def _floor(self, floored: Any, reaches: Any, share: float, k: int) -> tuple[str, float, dict[str, Any]]:
        """The fewest places of every list that give the share; all of them where none does."""
        for places in range(1, k + 1):
            made = floored(places / k)
            if reaches(made) >= share:
                return "floor", places / k, made
        return "floor", 1.0, floored(1.0)

    def _share(self, variant: str, content: dict[str, Any], members: np.ndarray, k: int, scene: str, day: Any) -> float:
        """Share of the attention on items of any group that members have: int [n_items], 1 = member, 0 = of another, -1 = of none."""
        from recengine.evaluation.fairness import exposure_of
        from recengine.workspace.policy_tuning import pool_lists

        _, found = pool_lists(self._context, variant, parsed(content), k, scene, day)
        sums = exposure_of(found.item_codes, members, 2).sum(axis=0)
        return float(sums[1] / sums.sum()) if sums.sum() else 0.0

    def _shopper_groups(self, variant: str, by: str) -> tuple[tuple[str, ...], np.ndarray]:
        from recengine.evaluation.segments import SEGMENTS, shopper_segment
        from recengine.workspace.policy_tuning import pool_of

        histories = pool_of(self._context, variant).targets.histories
        if by == "activity":
            return SEGMENTS, shopper_segment(histories.sign_counts).astype(np.int64)
        dataset = self._context.dataset(self._context.variants.info(variant).dataset_id)
        features = dataset.user_features[histories.user_codes].astype(str)
        names = tuple(sorted({value for value in features if value}))
        place = {name: g for g, name in enumerate(names)}
        return names, np.array([place.get(value, -1) for value in features], dtype=np.int64)

    def _items(self, variant: str) -> Any:
        from recengine.policy.rerankers.base import ShopItems

        dataset = self._context.variants.info(variant).dataset_id
        catalogue = self._context.dataset(dataset).catalogue
        return self._context.views.get(("groups", dataset), lambda: ShopItems.of(catalogue, self._context.item_vectors(dataset)))

    def _use(self, variant: str, policy: PolicyUse | None) -> PolicyUse | None:
        return resolved(self._context, self._context.variants.info(variant).dataset_id, policy)

    def _asked(self, use: PolicyUse | None) -> tuple[Any, str, Any]:
        return (parsed(use.content), use.scene, use.day) if use else (parsed({}), "home", None)

    def _check(self, by: str, there: tuple[str, ...]) -> None:
        if by not in there:
            raise BadInput(f"This data has no groups by {by[:30]}.", "", f"Choose one of: {', '.join(there) or 'none'}.")


def _largest(
    group: np.ndarray, names: tuple[str, ...], shown: np.ndarray, chosen: np.ndarray, sold: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """The groups with the largest share of what is shown or of what was chosen, the others as one more without a name; sold items of each.

    Whoever is chosen and never shown stands with the largest: to find them is what the table is for.
    """
    items = np.bincount(group[sold & (group >= 0)], minlength=len(names))
    weight = np.maximum(shown / max(shown.sum(), 1e-12), chosen / max(chosen.sum(), 1e-12))
    order = np.lexsort((np.arange(len(names)), -items, -weight))
    order = order[(items[order] > 0) | (weight[order] > 0)]
    kept = order[:MOST_SUPPLIERS]
    place = np.full(len(names) + 1, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    told = tuple(names[g] for g in kept)
    if len(order) > len(kept):
        place[order[len(kept) :]] = len(kept)
        told = (*told, "")
    made = place[group]  # -1 stays -1: the last entry
    return made, told, np.bincount(made[sold & (made >= 0)], minlength=len(told))


def _weight(row: Supplier) -> float:
    return max(row.exposure.value, row.relevance.value)


def _verdict(judged: bool, differs: bool, difference: float) -> str:
    if not judged:
        return "few"
    return ("more" if difference > 0 else "less") if differs else "alike"


def _groups_sentence(gaps: tuple[ParityGap, ...], fewest: int) -> str:
    if not gaps:
        return f"There are not two groups of at least {fewest} shoppers to compare."
    wide = [gap for gap in gaps if gap.differs and gap.metric in ("ndcg", "recall", "hit_rate")]
    if not wide:
        return "No group is served better than another beyond what chance does."
    gap = wide[0]
    ratio = f"{gap.ratio:.0%} of that of {gap.best}" if gap.ratio is not None else "lower"
    return f"{gap.worst.capitalize()} shoppers are served worse: their {WORDS[gap.metric]} is {ratio}."


def _suppliers_sentence(rows: list[Supplier], by: str) -> str:
    less = [row for row in rows if row.verdict == "less" and row.name]
    more = [row for row in rows if row.verdict == "more" and row.name]
    if rows and all(row.verdict == "few" for row in rows):
        return f"Every {by} was chosen too rarely for a verdict."
    if not less and not more:
        return f"No {by} is shown more or less than it is chosen, beyond what chance does."
    said = []
    if less:
        worst = min(less, key=lambda row: row.difference.value)
        said.append(f"{worst.name} is shown less than it is chosen: {worst.exposure.value:.1%} against {worst.relevance.value:.1%}")
    if more:
        best = max(more, key=lambda row: row.difference.value)
        said.append(f"{best.name} is shown more: {best.exposure.value:.1%} against {best.relevance.value:.1%}")
    return "; ".join(said) + "."


def _minimum_sentence(group: str, share: float, before: float, after: float, how: str, amount: float, ndcg: Estimate | None, k: int) -> str:
    if how == "nothing":
        return f"{group} already has {before:.1%} of the attention; nothing needs to change."
    did = f"a boost of {amount:.0f} %" if how == "boost" else f"a floor of {amount * k:.0f} of {k} places in every list"
    text = f"With {did}, {group} gets {after:.1%} of the attention instead of {before:.1%}."
    if after < share:
        text += f" {share:.1%} cannot be reached: too few shoppers have its items among their candidates."
    if ndcg is None or ndcg.value != ndcg.value:
        return text
    clear = ndcg.low > 0 or ndcg.high < 0
    cost = f"NDCG {'falls' if ndcg.value < 0 else 'rises'} by {abs(ndcg.value):.4f} ({ndcg.low:+.4f} to {ndcg.high:+.4f})"
    return f"{text} {cost}{'' if clear else ', which can be chance'}."
