"""Why an item is not on a list: the stage at which it dropped out, and what would bring it in, tried out and not guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy.sparse as sp

from recengine.columns import Behaviour
from recengine.data.dataset import Catalogue
from recengine.data.histories import Histories
from recengine.explain.counterfactual import DEPTH
from recengine.explain.edits import Edit, edited_history, edited_model
from recengine.explain.game import scorer
from recengine.explain.history import attribute_model
from recengine.explain.signals import attribute_funnel
from recengine.funnel.model import Funnel
from recengine.models.base import Recommender

ASKED = 400  # items whose event alone is asked for what it says to the item
TRIED = 8  # events that are really added
REMOVED = 48  # newest past items that are really removed
GAPS = 5
PRICES = (0.9, 0.75, 0.5, 0.25)
Order = Callable[[Recommender, Histories, Sequence[Edit]], np.ndarray]  # → codes of the list and of what follows it


class Stage(StrEnum):
    """Where an item dropped out, in the order in which a list is made."""

    TAKEN = "taken"  # the shopper has it
    NOT_SOLD = "not sold"
    UNKNOWN = "unknown"  # a single model learned nothing about it
    NOT_RECALLED = "not recalled"  # on no generator's list
    OUTRANKED = "outranked"
    RULE = "removed by rule"  # a rule or a control of the policy keeps it off the list
    DISPLACED = "displaced"  # among the k best by score, and the policy put others in its place
    LISTED = "listed"


@dataclass(frozen=True)
class GeneratorPlace:
    """Where a generator has the item."""

    title: str
    place: int  # among everything that may be shown, from 1; 0 = it cannot score the item
    quota: int  # items it puts forward


@dataclass(frozen=True)
class Gap:
    """One signal (or past item, for models without signals) of the item and of the last item that made it."""

    key: str
    name: str
    kind: str  # signal or event
    here: str
    there: str
    difference: float  # contribution to the item's score minus that to the other's


@dataclass(frozen=True)
class WayIn:
    """A change that was tried, and where the item stands after it."""

    edits: tuple[Edit, ...]
    place: int  # 0 = beyond the first 500
    score: float
    brings_in: bool


@dataclass(frozen=True)
class WhyNot:
    """The answer."""

    item_code: int
    stage: Stage
    k: int
    place: int  # by score among everything that may be shown, from 1; 0 = not among the first 500
    score: float  # NaN = no score
    last_code: int  # the last item that made it by score, -1 = the list is empty
    last_score: float
    generators: tuple[GeneratorPlace, ...]
    gaps: tuple[Gap, ...]  # what speaks least for the item against the last one, largest first
    ways: tuple[WayIn, ...]  # the best first


def why_not(
    model: Recommender,
    catalogue: Catalogue,
    histories: Histories,
    item_code: int,
    k: int,
    listed: Sequence[int] | None = None,
    search: bool = True,
    removed: bool = False,
    order: Order | None = None,
) -> WhyNot:
    """Find the stage and the ways in.

    Args:
        model: fitted; any.
        catalogue: what is sold.
        histories: one row.
        item_code: of the catalogue.
        k: list length.
        listed: the list as it was shown, where a policy came after the scores.
        search: try removing past items, adding events and lowering the price.
        removed: a rule of the policy keeps the item off the list.
        order: makes the list after edits, where a policy comes after the scores; None = by score.

    Cost: one list, and with `search` some 60 lists more.
    """
    sellable = catalogue.sellable
    lists = model.recommend(histories, DEPTH, exclude=_owned(model, histories), allow=sellable)
    top = lists.item_codes[0][lists.item_codes[0] >= 0]
    place = _place(top, item_code)
    score = float(scorer(model, histories, np.array([item_code]))(histories)[0, 0])
    last = int(top[min(k, len(top)) - 1]) if len(top) else -1
    shown = top[:k].tolist() if listed is None else [int(code) for code in listed]
    stage = _stage(model, sellable, histories, item_code, k, place, score, shown, removed)
    last_score = float("nan")
    gaps: tuple[Gap, ...] = ()
    if last >= 0:
        last_score = float(lists.scores[0, min(k, len(top)) - 1])
        if stage in (Stage.OUTRANKED, Stage.NOT_RECALLED) and not np.isnan(score):
            gaps = _gaps(model, catalogue, histories, item_code, last)
    can_enter = stage in (Stage.OUTRANKED, Stage.NOT_RECALLED, Stage.UNKNOWN)
    ways: tuple[WayIn, ...] = ()
    if search and can_enter and not removed:
        stands = place if order is None else _place(order(model, histories, ()), item_code)
        ways = _ways(_WayIn(model, histories, catalogue, item_code, k, order), stands)
    generators = _generators(model, histories, item_code) if stage not in (Stage.TAKEN, Stage.NOT_SOLD) else ()
    return WhyNot(item_code, stage, k, place, score, last, last_score, generators, gaps, ways)


def _stage(
    model: Recommender,
    sellable: np.ndarray,
    histories: Histories,
    code: int,
    k: int,
    place: int,
    score: float,
    shown: list[int],
    removed: bool,
) -> Stage:
    if code in shown:
        return Stage.LISTED
    if code in histories.item_codes:
        return Stage.TAKEN
    if not sellable[code]:
        return Stage.NOT_SOLD
    if 0 < place <= k:
        return Stage.RULE if removed else Stage.DISPLACED
    if isinstance(model, Funnel) and not any((top[0] == code).any() for top in model.recalled(histories).top):
        return Stage.NOT_RECALLED
    if not isinstance(model, Funnel) and np.isnan(score):
        return Stage.UNKNOWN
    return Stage.RULE if removed else Stage.OUTRANKED


def _generators(model: Recommender, histories: Histories, code: int) -> tuple[GeneratorPlace, ...]:
    """Every generator of a funnel, the nearest to its quota first; the model itself where it is a single one."""
    if not isinstance(model, Funnel):
        return ()
    recalled = model.recalled(histories)
    is_open = recalled.open[0]
    found = []
    for g, name in enumerate(recalled.names):
        scores = recalled.scores[g][0]
        own, quota = scores[code], recalled.top[g].shape[1]
        before = is_open & ((scores > own) | ((scores == own) & (np.arange(len(scores)) < code)))
        place = 0 if np.isnan(own) else int(before.sum()) + 1
        found.append(GeneratorPlace(model.generators[name].title, place, quota))
    return tuple(sorted(found, key=lambda g: (g.place == 0, g.place / g.quota, g.title)))


def _gaps(model: Recommender, catalogue: Catalogue, histories: Histories, code: int, last: int) -> tuple[Gap, ...]:
    both = np.array([code, last])
    if isinstance(model, Funnel):
        here, there = attribute_funnel(model, histories, both)
        others = {term.key: term for term in there.terms}
        found = []
        for term in here.terms:
            other = others[term.key]
            found.append(Gap(term.key, term.name, "signal", term.value, other.value, term.contribution - other.contribution))
    else:
        here, there = attribute_model(model, histories, both)
        found = []
        for item in np.unique(histories.item_codes[histories.item_codes >= 0]).tolist():
            mine = histories.item_codes == item
            own, other = float(here.events[mine].sum()), float(there.events[mine].sum())
            found.append(Gap(str(catalogue.vocabulary.ids[item]), "", "event", f"{own:+.3g}", f"{other:+.3g}", own - other))
    against = sorted((gap for gap in found if gap.difference < 0), key=lambda gap: (gap.difference, gap.key))
    return tuple(against[:GAPS])


@dataclass(frozen=True, eq=False)
class _WayIn:
    """What every change is tried on."""

    model: Recommender
    histories: Histories
    catalogue: Catalogue
    code: int
    k: int
    order: Order | None

    def tried(self, edits: tuple[Edit, ...]) -> WayIn:
        """The list made again."""
        model = edited_model(self.model, self.catalogue, edits)
        made = edited_history(self.histories, [edit for edit in edits if edit.kind in ("remove", "change", "add")])
        if self.order is None:
            lists = model.recommend(made, DEPTH, exclude=_owned(model, made), allow=self.catalogue.sellable)
            place = _place(lists.item_codes[0], self.code)
            score = float(lists.scores[0, place - 1]) if place else float("nan")
        else:
            place = _place(self.order(model, made, edits), self.code)
            score = float(scorer(model, made, np.array([self.code]))(made)[0, 0]) if place else float("nan")
        return WayIn(edits, place, score, 0 < place <= self.k)


def _ways(asked: _WayIn, place: int) -> tuple[WayIn, ...]:
    """Every change that was tried and moves the item up, those that bring it in first."""
    model, histories, catalogue, code = asked.model, asked.histories, asked.catalogue, asked.code
    tried: list[tuple[Edit, ...]] = []
    newest = list(dict.fromkeys(histories.item_codes[::-1].tolist()))[:REMOVED]
    for item in newest:
        tried.append(tuple(Edit("remove", int(at)) for at in np.flatnonzero(histories.item_codes == item)))
    for item in _promising(model, catalogue, histories, code):
        tried.append((Edit("add", item=item, behaviour=Behaviour.PURCHASE.value),))
    price = float(catalogue.prices[code])
    if isinstance(model, Funnel) and model.facts.log_price is not None and np.isfinite(price) and price > 0:
        tried += [(Edit("price", item=code, price=round(price * share, 2) or 0.01),) for share in PRICES]
    found = [asked.tried(edits) for edits in tried]
    better = [way for way in found if way.place and (not place or way.place < place)]
    return tuple(sorted(better, key=lambda way: (not way.brings_in, way.place, len(way.edits)))[: 2 * GAPS])  # stable: ties as tried


def _promising(model: Recommender, catalogue: Catalogue, histories: Histories, code: int) -> list[int]:
    """Items whose purchase alone says most for the item: to the generators of a funnel, or to the model itself."""
    owned = np.zeros(len(catalogue), dtype=bool)
    owned[histories.item_codes[histories.signs & (histories.item_codes >= 0)]] = True
    free = np.flatnonzero(~owned & catalogue.sellable & (np.arange(len(catalogue)) != code))
    same = catalogue.categories[free] == catalogue.categories[code] if str(catalogue.categories[code]) else np.zeros(len(free), dtype=bool)
    rng = np.random.default_rng(code)
    order = np.lexsort((rng.random(len(free)), ~same))
    asked = free[order][:ASKED]
    asked = np.unique(np.concatenate([asked, rng.permutation(free)[:ASKED]])) if len(free) else asked
    if len(asked) == 0:
        return []
    singles = Histories.of_items([[int(item)] for item in asked], int(histories.now_s[0]), Behaviour.PURCHASE.value)
    ranks = np.zeros(len(asked))
    for asked_model in model.generators.values() if isinstance(model, Funnel) else [model]:
        said = asked_model.score(singles, np.full((len(asked), 1), code)).numpy()[:, 0].astype(np.float64)
        said = np.where(np.isnan(said), -np.inf, said)
        if np.isfinite(said).any() and said.max() > said[np.isfinite(said)].min():
            ranks = np.maximum(ranks, 1.0 / (1.0 + np.argsort(np.argsort(-said, kind="stable"), kind="stable")))
    return asked[np.argsort(-ranks, kind="stable")[:TRIED]].tolist()


def _owned(model: Recommender, histories: Histories) -> sp.csr_matrix:
    return histories.had(model.n_items)


def _place(ranked: np.ndarray, code: int) -> int:
    found = np.flatnonzero(ranked == code)
    return int(found[0]) + 1 if len(found) else 0
