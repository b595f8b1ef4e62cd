"""iALS: the inner solvers against plain algebra, the loss, the fold-in and its decomposition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recengine.algebra.least_squares import improve, length_batches, observed_loss, solve_exactly
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.errors import Cancelled
from recengine.models.als import Als, AlsConfig
from recengine.models.base import FitContext

RNG = np.random.default_rng(11)
D = 6
FACTORS = RNG.normal(size=(30, D)).astype(np.float32)
ROWS = sp.random(17, 30, density=0.25, format="csr", dtype=np.float32, random_state=4)
RIDGE = RNG.uniform(0.1, 2.0, 17).astype(np.float32)
PRIOR = 0.3 * FACTORS.T @ FACTORS
PRIOR = (PRIOR + PRIOR.T) / 2  # symmetric to the last bit, so that both solvers read the same matrix


def plainly(row: int) -> np.ndarray:
    weights = ROWS[row].toarray()[0].astype(np.float64)
    v = FACTORS.astype(np.float64)
    return np.linalg.solve(PRIOR + (v.T * weights) @ v + RIDGE[row] * np.eye(D), v.T @ weights)


def test_exact_solver_equals_plain_algebra() -> None:
    solved = solve_exactly(ROWS, torch.from_numpy(FACTORS).double(), torch.from_numpy(PRIOR).double(), torch.from_numpy(RIDGE).double())
    np.testing.assert_allclose(solved, [plainly(row) for row in range(17)], rtol=1e-9, atol=1e-12)


def test_conjugate_gradient_reaches_the_same_solution() -> None:
    x = np.zeros((17, D), dtype=np.float32)
    improve(ROWS.indptr, ROWS.indices, ROWS.data, FACTORS, PRIOR, RIDGE, x, 0, 17, 3 * D)
    np.testing.assert_allclose(x, [plainly(row) for row in range(17)], rtol=2e-3, atol=2e-4)


def test_conjugate_gradient_leaves_other_rows_alone() -> None:
    x = np.ones((17, D), dtype=np.float32)
    improve(ROWS.indptr, ROWS.indices, ROWS.data, FACTORS, PRIOR, RIDGE, x, 3, 5, 2)
    assert (x[:3] == 1).all()
    assert (x[5:] == 1).all()
    assert (x[3:5] != 1).any()


def test_observed_loss_by_plain_algebra() -> None:
    x, out = RNG.normal(size=(17, D)).astype(np.float32), np.zeros(17)
    observed_loss(ROWS.indptr, ROWS.indices, ROWS.data, FACTORS, x, out)
    expected = (ROWS.toarray() * (1 - x @ FACTORS.T) ** 2).sum(1)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


def test_batches_hold_every_row_once() -> None:
    lengths = RNG.integers(0, 50, 200)
    batches = length_batches(lengths, 4, values=800)
    assert sorted(np.concatenate(batches).tolist()) == list(range(200))
    assert len(batches) > 3


def fitted(**settings: object) -> tuple[Als, EventLog, list[float]]:
    rng = np.random.default_rng(2)
    taste = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 25))
    users, items = np.nonzero(taste > 1.0)
    log = EventLog.build(users, items, np.arange(len(users)), 50, 25)
    model = Als(AlsConfig(**{"factors": 8, "epochs": 12, **settings}))  # type: ignore[arg-type]
    context = FitContext(Catalogue.bare(Vocabulary.build(f"{code:02d}" for code in range(25))))
    return model, log, [report.loss or 0.0 for report in model.fit(log, context)]


def test_the_loss_falls_at_every_epoch() -> None:
    _, _, losses = fitted()
    assert all(after <= before * (1 + 1e-5) for before, after in itertools.pairwise(losses))
    assert losses[-1] < 0.8 * losses[0]


def test_contributions_add_up_and_equal_the_closed_form() -> None:
    model, log, _ = fitted()
    histories = Histories.from_log(log, np.arange(10), 10**9)
    codes = np.arange(10)
    parts = model.contributions(histories, codes)
    total = parts.base + np.bincount(histories.row_of_event, parts.events, minlength=10)
    users = model.fold_in(histories).numpy()
    factors = model.state()["factors"].double().numpy()
    np.testing.assert_allclose(total, (users * factors[codes]).sum(1), rtol=1e-10, atol=1e-13)


def test_order_and_repetition_of_a_history_change_nothing() -> None:
    model, _, _ = fitted()
    scores = model.score(Histories.of_items([[1, 2, 3], [3, 2, 1], [1, 1, 2, 3, 3]]))
    torch.testing.assert_close(scores[0], scores[1])
    torch.testing.assert_close(scores[0], scores[2])


def test_a_cancel_in_the_middle_is_seen_within_a_chunk() -> None:
    model, log, _ = fitted()
    answers = iter([False] * 6 + [True])
    asked = []

    def stop() -> bool:
        asked.append(next(answers))
        return asked[-1]

    with pytest.raises(Cancelled):
        model.fit_all(log, FitContext(Catalogue.bare(Vocabulary.build(f"{code:02d}" for code in range(25))), should_stop=stop))
    assert len(asked) == 7
