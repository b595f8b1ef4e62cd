"""What several fitted models say about hidden answers: the common ground on which their weights are learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from recengine.data.histories import Histories
from recengine.models.base import FitContext, Recommender
from recengine.models.parts.holdout import AT, Holdout
from recengine.scoring.topk import NEVER, best_codes

EACH = 200  # items that every model proposes for a question
CELLS = 24_000_000  # scores held at once: 100 MB


@dataclass(frozen=True, eq=False)
class Proposals:
    """The union of what several models propose for each question, without what the shopper has; sorted by question, then item."""

    row: np.ndarray  # int64 [C], question
    item: np.ndarray  # int64 [C]
    says: np.ndarray  # float64 [C, P], what each model says, its readings side by side; 0 = no opinion
    is_answer: np.ndarray  # bool [C]
    held: Holdout

    def ndcg(self, scores: np.ndarray) -> float:
        """NDCG@10 of float [C] scores over all questions; answers that nobody proposed count as missed."""
        ptr = np.searchsorted(self.row, np.arange(len(self.held) + 1))
        at = np.flatnonzero(self.is_answer)
        lengths = np.diff(ptr)[self.row[at]]
        ends = np.cumsum(lengths)
        other = np.arange(int(lengths.sum())) + np.repeat(ptr[self.row[at]] - (ends - lengths), lengths)
        own = np.repeat(at, lengths)
        before = (scores[other] > scores[own]) | ((scores[other] == scores[own]) & (other < own))
        places = np.bincount(np.repeat(np.arange(len(at)), lengths)[before], minlength=len(at))
        gain = np.where(places < AT, 1.0 / np.log2(places + 2.0), 0.0)
        return float((np.bincount(self.row[at], gain, minlength=len(self.held)) / self.held.ideal).mean())


def propose(
    models: Sequence[Recommender],
    held: Holdout,
    ctx: FitContext,
    read: Callable[[Tensor, Histories], tuple[Tensor, ...]] = lambda scores, _: (scores,),
) -> Proposals:
    """Ask every model about the questions.

    Args:
        models: fitted without the hidden events.
        held: questions and answers.
        ctx: stop.
        read: turns the scores of a batch (float32 [b, n_items]) into one or more readings of the same shape, which are weighed.
    """
    n = held.rest.n_items
    answers = held.rows * np.int64(n) + held.items
    size = int(np.clip(CELLS // max(1, n * (len(models) + 1)), 1, 1024))
    rows, items, says = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    for start in range(0, len(held), size):
        ctx.stop_if_asked()
        questions = held.questions.rows(slice(start, min(start + size, len(held))))
        seen = torch.from_numpy(held.seen[start : start + size].toarray() > 0)
        union, heard = torch.zeros(seen.shape, dtype=torch.bool), list[Tensor]()
        for model in models:
            scores = model.score(questions)  # [b, n]
            values = torch.where(seen | torch.isnan(scores), NEVER, scores)
            best = best_codes(values, min(EACH, n))  # [b, EACH]
            union.scatter_(1, torch.where(best >= 0, best, best[:, :1].clamp(min=0)), True)
            heard += [torch.nan_to_num(reading, nan=0.0) for reading in read(scores, questions)]
        union &= ~seen
        row, item = union.nonzero(as_tuple=True)
        says.append(torch.stack([value[row, item] for value in heard], 1).double().numpy())
        rows.append(row.numpy() + start)
        items.append(item.numpy())
    row, item = np.concatenate(rows), np.concatenate(items)
    return Proposals(row, item, np.concatenate(says), np.isin(row * np.int64(n) + item, answers), held)


def likeliest_weights(proposals: Proposals, ridge: float = 1e-3) -> np.ndarray:
    """float64 [P], none below 0: the weights under which the answers are likeliest among what was proposed.

    Maximises the mean over answers a of log softmax(says · w)[a] - ridge × |w|² / 2 (conditional logit, McFadden 1974); the problem
    is convex, so there is one best point. Equal weights where no answer was proposed.
    """
    from scipy.optimize import minimize

    row, says = proposals.row, proposals.says
    at = np.flatnonzero(proposals.is_answer)
    n_models, n_rows = says.shape[1], len(proposals.held)
    if len(at) == 0:
        return np.ones(n_models)
    asked = np.bincount(row[at], minlength=n_rows).astype(np.float64)  # answers of each question
    ptr = np.searchsorted(row, np.arange(n_rows))
    filled = np.bincount(row, minlength=n_rows) > 0
    wanted = says[at].sum(0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value = says @ weights
        highest = np.zeros(n_rows)
        highest[filled] = np.maximum.reduceat(value, ptr[filled])
        share = np.exp(value - highest[row])
        total = np.bincount(row, share, minlength=n_rows)
        share *= (asked / np.maximum(total, 1e-300))[row]
        gain = value[at].sum() - (asked[filled] * (np.log(total[filled]) + highest[filled])).sum()
        gradient = wanted - share @ says
        return -gain / len(at) + ridge * weights @ weights / 2, -gradient / len(at) + ridge * weights

    found = minimize(loss, np.full(n_models, 1.0 / n_models), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * n_models)
    return found.x if found.x.any() else np.ones(n_models)
