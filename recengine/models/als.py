"""iALS: implicit matrix factorisation by alternating least squares; any history is folded in by one solve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor

from recengine.algebra.least_squares import improve, length_batches, normal_matrices, observed_loss, solve_exactly
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import TrainingFailed
from recengine.models.base import (
    LIST_ROWS,
    Capabilities,
    Contributions,
    EpochReport,
    FitContext,
    ModelConfig,
    TopK,
    check_trainable,
    gather_candidates,
)
from recengine.models.parts.dot import DotProduct, show_products
from recengine.models.parts.linear import Repeats, event_values
from recengine.scoring.streaming_topk import BestSoFar, pair_products
from recengine.scoring.topk import ExactScores, lists_in_batches

CG_STEPS = 3
CHUNK_EVENTS = 400_000  # events of the rows solved between two questions whether to stop, about 50 ms


class AlsConfig(ModelConfig):
    """Size of the model, and how much silence says."""

    factors: int = Field(default=64, ge=2, le=1024)
    """Numbers that describe each item. More fit finer tastes and cost time."""
    epochs: int = Field(default=15, ge=1, le=200)
    """Sweeps over shoppers and items; tuning keeps the number that ranks best."""
    unobserved_weight: float = Field(default=0.5, ge=1e-6, le=10.0)
    """How strongly an item that a shopper did not take counts as a "no"."""
    regularisation: float = Field(default=0.003, ge=0.0, le=100.0)
    """Pulls all factors towards zero."""
    frequency_scaling: float = Field(default=1.0, ge=0.0, le=1.0)
    """How much the regularisation grows with the number of events: 0 is the same for all, 1 in proportion."""
    repeats: Repeats = Repeats.ONCE
    """How several events of one shopper on one item count together."""


class Als(DotProduct):
    """Implicit ALS. Fit: about 0.1 s an iteration for a million events and 64 factors, two cores."""

    name = "als"
    title = "iALS"
    summary = "Tastes shared by many shoppers, found by matrix factorisation."
    source = (
        "Hu, Koren, Volinsky, ICDM 2008; Rendle et al., Revisiting the Performance of iALS, RecSys 2022: "
        "Σ w (1 - u·v)² + α₀ Σ (u·v)² + λ Σ (count + α₀ n)^ν |·|²"
    )
    Config = AlsConfig
    can = Capabilities(linear=True, epochs=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"factors": 32, "epochs": 8}, "thorough": {"factors": 128, "epochs": 25}}
    config: AlsConfig

    _factors: Tensor  # float32 [n_items, d]
    _seen: Tensor  # bool [n_items]
    _users: Tensor  # float32 [shoppers with events, d], only while fitting

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """See the base; the factors of both sides, kept once more in float64 and in a checkpoint."""
        factors = 16 * int(getattr(config, "factors", 1)) * (n_users + n_items)
        return super().memory_bytes(config, n_users, n_items, n_events, device) + factors

    def event_values(self, histories: Histories) -> np.ndarray:
        """float64 [E]: confidence in a preference of 1, or, below 0, in a preference of -1; no fit reads the latter."""
        return event_values(histories, self.n_items, self.config.repeats)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items = n = train.n_items
        everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
        rows = everybody.to_csr(n, self.event_values(everybody))  # [n_users, n_items]
        rows = rows[np.diff(rows.indptr) > 0]
        columns = rows.T.tocsr()
        self._seen = torch.from_numpy(np.diff(columns.indptr) > 0)
        generator = torch.Generator().manual_seed(ctx.seed)
        items = torch.randn(n, self.config.factors, generator=generator) * (0.1 / math.sqrt(self.config.factors))
        items[~self._seen] = 0.0
        users = torch.zeros(rows.shape[0], self.config.factors)
        done = 0
        if ctx.resume is not None:
            done, kept = ctx.resume
            users, items = kept["users"].clone(), kept["factors"].clone()
        users, items = users.to(ctx.device), items.to(ctx.device)
        user_ridge, item_ridge = self._ridge(rows, int(self._seen.sum())), self._ridge(columns, rows.shape[0])
        for epoch in range(done + 1, self.config.epochs + 1):
            self._sweep(rows, items, users, user_ridge, ctx)
            self._sweep(columns, users, items, item_ridge, ctx)
            loss = self._loss(rows, users, items, user_ridge, item_ridge)
            if not math.isfinite(loss):
                raise TrainingFailed(f"{self.title} diverged.", f"The loss of epoch {epoch} is not a number.", "Raise the regularisation.")
            self._factors, self._users = items.to("cpu", copy=True), users
            yield EpochReport(epoch, self.config.epochs, loss)
        if done >= self.config.epochs:  # the checkpoint was taken after the last sweep
            self._factors, self._users = items.to("cpu", copy=True), users
            yield EpochReport(done, self.config.epochs)

    def _ridge(self, rows: sp.csr_matrix, others: int) -> np.ndarray:
        count = np.diff(rows.indptr) + self.config.unobserved_weight * others
        return (self.config.regularisation * count**self.config.frequency_scaling).astype(np.float32)

    def _sweep(self, rows: sp.csr_matrix, fixed: Tensor, solved: Tensor, ridge: np.ndarray, ctx: FitContext) -> None:
        """Solve the rows of `solved` (in place) for fixed factors of the other side."""
        prior = self.config.unobserved_weight * (fixed.T @ fixed)  # [d, d]
        if fixed.device.type != "cpu":
            for batch in length_batches(np.diff(rows.indptr), fixed.shape[1]):
                ctx.stop_if_asked()
                index = torch.from_numpy(batch).to(fixed.device)
                solved[index] = solve_exactly(rows[batch], fixed, prior, torch.from_numpy(ridge[batch]).to(fixed.device))
            return
        fixed_np, prior_np, solved_np = fixed.numpy(), prior.numpy(), solved.numpy()
        marks = np.searchsorted(rows.indptr, np.arange(0, rows.nnz, CHUNK_EVENTS), side="left")
        for first, last in zip(marks, [*marks[1:], rows.shape[0]], strict=True):
            ctx.stop_if_asked()
            improve(rows.indptr, rows.indices, rows.data, fixed_np, prior_np, ridge, solved_np, first, last, CG_STEPS)

    def _loss(self, rows: sp.csr_matrix, users: Tensor, items: Tensor, user_ridge: np.ndarray, item_ridge: np.ndarray) -> float:
        """The objective, per observed pair."""
        u, v = users.cpu(), items.cpu()
        errors = np.zeros(rows.shape[0])
        observed_loss(rows.indptr, rows.indices, rows.data, v.numpy(), u.numpy(), errors)
        observed = float(errors.sum())
        silent = self.config.unobserved_weight * float(((u.T @ u) * (v.T @ v)).sum(dtype=torch.float64))
        ridge = float((torch.from_numpy(user_ridge) * u.square().sum(1)).sum() + (torch.from_numpy(item_ridge) * v.square().sum(1)).sum())
        return (observed + silent + ridge) / rows.nnz

    def _equations(self, histories: Histories) -> tuple[sp.csr_matrix, np.ndarray, Tensor, Tensor, Tensor]:
        values = self.event_values(histories)
        known = np.append(self._seen.numpy(), False)[np.where(values != 0, histories.item_codes, -1)]
        values = np.where(known, values, 0.0)
        factors = self._factors.double()
        rows = _csr(histories, values, self.n_items)
        ridge = torch.from_numpy(self._ridge(rows, int(self._seen.sum())).astype(np.float64))
        return rows, values, factors, self.config.unobserved_weight * (factors.T @ factors), ridge

    def fold_in(self, histories: Histories) -> Tensor:
        """float64 [B, d]: the shopper vector of each history; zero where nothing in it is known."""
        rows, _, factors, prior, ridge = self._equations(histories)
        solution = solve_exactly(rows, factors, prior, ridge)
        solution[torch.from_numpy(np.diff(rows.indptr) == 0)] = 0.0
        return solution

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        users = self.fold_in(histories)
        return users.float(), users.any(1)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        return self._factors, None, self._seen

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        return gather_candidates(self._score(self.fold_in(histories)), candidates)

    def _score(self, users: Tensor) -> Tensor:
        scores = users.float() @ self._factors.T  # [B, n_items]
        scores[:, ~self._seen] = torch.nan
        scores[~users.any(1)] = torch.nan
        return scores

    def exact_scores(self, histories: Histories, item_codes: np.ndarray) -> np.ndarray:
        return self._exact(self.fold_in(histories), item_codes)

    def _exact(self, users: Tensor, item_codes: np.ndarray) -> np.ndarray:
        return pair_products(users, self._factors, None, item_codes)

    def score_then_exact(self, histories: Histories) -> tuple[Tensor, Callable[[np.ndarray], np.ndarray]]:
        users = self.fold_in(histories)
        return self._score(users), lambda item_codes: self._exact(users, item_codes)

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None, batch: int = LIST_ROWS
    ) -> TopK:
        def show(rows: Histories, best: BestSoFar) -> ExactScores:
            users = self.fold_in(rows)
            show_products(best, users.float(), users.any(1), self._factors, None, self._seen, self._index)
            return lambda codes: self._exact(users, codes)

        return lists_in_batches(self.n_items, histories, k, exclude, allow, batch, show)

    def contributions(self, histories: Histories, item_codes: np.ndarray) -> Contributions:
        """v_jᵀ A⁻¹ w_e v_e for every event e (Hu, Koren, Volinsky 2008, section 5): adds up to v_j · u."""
        rows, values, factors, prior, ridge = self._equations(histories)
        codes = np.asarray(item_codes, dtype=np.int64)
        can = (np.diff(rows.indptr) > 0) & (codes >= 0) & (codes < self.n_items)
        can[can] = self._seen.numpy()[codes[can]]
        target = torch.zeros(len(histories), factors.shape[1], dtype=torch.float64)  # A⁻¹ v_j, [B, d]
        for batch in length_batches(np.diff(rows.indptr), factors.shape[1]):
            index = torch.from_numpy(batch)
            matrices, _ = normal_matrices(rows[batch], factors, prior, ridge[index])
            right = factors[torch.from_numpy(np.where(can[batch], codes[batch], 0))].unsqueeze(2)
            target[index] = torch.cholesky_solve(right, torch.linalg.cholesky(matrices)).squeeze(2)
        owner = histories.row_of_event
        use = np.flatnonzero((values != 0) & can[owner])
        events = np.zeros(len(values))
        v = factors[torch.from_numpy(histories.item_codes[use].astype(np.int64))]  # [e, d]
        events[use] = values[use] * (v * target[torch.from_numpy(owner[use])]).sum(1).numpy()
        return Contributions(np.where(can, 0.0, np.nan), events)

    def state(self) -> dict[str, Tensor]:
        return {"factors": self._factors, "seen": self._seen}

    def checkpoint(self) -> dict[str, Tensor]:
        return {**self.state(), "users": self._users.to("cpu", copy=True)}  # each sweep starts from the shoppers of the last

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._factors, self._seen = state["factors"], state["seen"].bool()
        self.n_items = len(self._seen)


def _csr(histories: Histories, values: np.ndarray, n_items: int) -> sp.csr_matrix:
    """float64 [B, n_items] of the event values, summed per item in the order of the history."""
    use = np.flatnonzero(values)
    matrix = sp.csr_matrix((values[use], (histories.row_of_event[use], histories.item_codes[use])), shape=(len(histories), n_items))
    matrix.sum_duplicates()
    return matrix
