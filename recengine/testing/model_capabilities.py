"""Proof and refutation of what a model declares: each capability is tested where it is claimed and where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load, save

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.histories import Histories
from recengine.models.base import FitContext
from recengine.testing.fitted_models import DAY_S, FittedModels, bytes_of_state, numbers

LINEAR_TOLERANCE = 1e-6


class CapabilityContract(FittedModels):
    """Tests of `Recommender.can`."""

    def test_cold_users_as_declared(self) -> None:
        empty = Histories.of_items([[], [-1]], now_s=self.now())
        finite = np.isfinite(numbers(self.on_board.score(empty)))
        assert finite.any(axis=1).all() if self.model.can.cold_users else not finite.any()

    def test_cold_items_as_declared(self) -> None:
        finite = np.isfinite(numbers(self.on_board.score(self.board.questions))[:, self.board.cold_item])
        assert finite.any() if self.model.can.cold_items else not finite.any()

    def test_order_as_declared(self) -> None:
        forward = Histories.of_items([[0, 1, 2], [4, 5, 6]], now_s=self.now())
        backward = replace(forward, item_codes=np.array([2, 1, 0, 6, 5, 4], dtype=np.int32))
        self._changes_as_declared(forward, backward, self.model.can.order, "order")

    def test_time_as_declared(self) -> None:
        now = self.now()
        recent = Histories.of_items([[0, 1, 2], [4, 5, 6]], now_s=now)
        # The same order in other moments: older, further apart, asked at another hour.
        older = replace(recent, times_s=now - 40 * DAY_S * np.array([3, 2, 1, 3, 2, 1]), now_s=recent.now_s + 5 * DAY_S + 7_777)
        self._changes_as_declared(recent, older, self.model.can.time, "time")

    def test_features_as_declared(self) -> None:
        catalogue = self.ring.catalogue
        turned = replace(
            catalogue,
            titles=np.roll(catalogue.titles, 1),
            categories=np.roll(catalogue.categories, 1),
            brands=np.array([f"brand {code % 2}" for code in range(len(catalogue))], dtype=object),
            prices=np.arange(1, len(catalogue) + 1, dtype=np.float32) ** 2,
        )
        other = self.fit(self.ring.log, turned)
        same = np.array_equal(numbers(self.on_ring.score(self.ring.questions)), numbers(other.score(self.ring.questions)), equal_nan=True)
        assert same != self.model.can.features

    def test_dislikes_as_declared(self) -> None:
        """The answer of each question is disliked: what is of its colour falls against what is not, and it does not rise itself."""
        questions, answers, n = self.board.questions, self.board.answers, self.board.cold_item
        before = numbers(self.on_board.score(questions))[:, :n]
        after = numbers(self.on_board.score(_with_dislikes(questions, answers)))[:, :n]
        rows = np.arange(len(answers))
        alike = np.arange(n) % 2 == (answers % 2)[:, None]  # [B, n]
        alike[rows, answers] = False
        other = np.arange(n) % 2 != (answers % 2)[:, None]
        fall = (after - before).mean(1, where=alike) - (after - before).mean(1, where=other)
        spread = before.std(1)
        if not self.model.can.dislikes:
            assert (np.abs(fall) <= 1e-5 * np.maximum(spread, 1e-6)).all(), "a dislike changes what is recommended"
            return
        assert (fall < -1e-5 * spread).all(), "a dislike lowers nothing"
        assert (after - before)[rows, answers].mean() <= 1e-5 * spread.mean(), "what is disliked rises"

    def test_epochs_as_declared(self) -> None:
        """A model that learns in epochs goes on from any checkpoint to the same bits; the others report once."""
        context = FitContext(self.board.catalogue)
        model = self.model(self.config())
        checkpoints = {}
        for report in model.fit(self.board.log, context):
            checkpoints[report.epoch] = load(save({name: tensor.contiguous() for name, tensor in model.checkpoint().items()}))
        if not self.model.can.epochs:
            assert len(checkpoints) == 1
            return
        assert len(checkpoints) > 1
        epoch = len(checkpoints) // 2
        resumed = self.model(self.config())
        reports = resumed.fit_all(self.board.log, replace(context, resume=(epoch, checkpoints[epoch])))
        assert reports[0].epoch == epoch + 1
        assert bytes_of_state(resumed) == bytes_of_state(model)

    def test_linear_as_declared(self) -> None:
        if not self.model.can.linear:
            return  # the contract asks that it says so
        for model, histories in ((self.on_board, self.mixed), (self.on_ring, self.ring.questions), (self.on_board, self.board.questions)):
            lists = model.recommend(histories, 8)
            full = numbers(model.score(histories))
            for place in range(8):
                codes = lists.item_codes[:, place].astype(np.int64)
                parts = model.contributions(histories, codes)
                assert parts.base.dtype == parts.events.dtype == np.float64
                total = parts.base + np.bincount(histories.row_of_event, parts.events, minlength=len(histories))
                np.testing.assert_allclose(total, lists.scores[:, place], rtol=1e-12, atol=1e-12)
                listed = codes >= 0
                expected = full[np.flatnonzero(listed), codes[listed]]
                np.testing.assert_allclose(total[listed], expected, rtol=1e-4, atol=LINEAR_TOLERANCE)
                silent = np.isnan(total)[histories.row_of_event]
                assert (parts.events[silent] == 0).all(), "rows without a score have no contributions"

    def test_contributions_of_cold_and_unknown_items(self) -> None:
        if not self.model.can.linear:
            return
        for code in (-1, self.on_board.n_items, self.board.cold_item):
            codes = np.full(len(self.board.questions), code, dtype=np.int64)
            parts = self.on_board.contributions(self.board.questions, codes)
            cold = np.isnan(numbers(self.on_board.score(self.board.questions, codes[:, None]))[:, 0])
            np.testing.assert_array_equal(np.isnan(parts.base), cold)

    def test_attention_as_declared(self) -> None:
        """Weights are finite, stand at their events, are zero for what is ignored, and take the score along when an event goes."""
        histories, codes = self.mixed, np.full(len(self.mixed), 1, dtype=np.int64)
        if not self.model.can.attention:
            with pytest.raises(TypeError):
                self.on_board.attention_weights(histories, codes)
            return
        weights = self.on_board.attention_weights(histories, codes)
        assert weights.dtype == np.float32
        assert weights.shape == histories.item_codes.shape
        assert np.isfinite(weights).all()
        assert (weights >= 0).all()
        assert (np.bincount(histories.row_of_event, weights, minlength=len(histories)) <= 1 + 1e-5).all()
        known = (histories.item_codes >= 0) & (histories.item_codes < self.on_board.n_items)
        assert (weights[~known | (histories.weights <= 0)] == 0).all(), "an event that says nothing has a weight"
        before = numbers(self.on_board.score(histories, codes[:, None]))[:, 0]
        for event in np.flatnonzero(weights > 1e-3):
            row = histories.row_of_event[event]
            without = histories.keep_events(np.arange(len(weights)) != event)
            after = numbers(self.on_board.score(without, codes[:, None]))[row, 0]
            assert after != before[row], "an event with weight can go without a change of the score"
        assert (weights > 1e-3).any()
        nowhere = self.on_board.attention_weights(histories, np.full(len(histories), -1))
        assert (nowhere == 0).all()
        shuffled = np.random.default_rng(5).permutation(len(histories))
        turned = self.on_board.attention_weights(histories.rows(shuffled), codes)
        events = np.concatenate([np.arange(int(histories.indptr[row]), int(histories.indptr[row + 1])) for row in shuffled])
        np.testing.assert_allclose(turned, weights[events], rtol=1e-5, atol=1e-6, err_msg="weights stand at other events")

    def _changes_as_declared(self, one: Histories, other: Histories, declared: bool, what: str) -> None:
        changed = False
        for model in (self.on_board, self.on_ring):
            first, second = numbers(model.score(one)), numbers(model.score(other))
            if not np.allclose(first, second, rtol=1e-5, atol=1e-6, equal_nan=True):
                changed = True
        assert changed == declared, f"declared {what}={declared}, but the scores {'change' if changed else 'do not change'} with it"


def _with_dislikes(histories: Histories, item_codes: np.ndarray) -> Histories:
    """Every history with one more event, its newest: a dislike of item_codes[b] (int [B])."""
    ends = histories.indptr[1:]
    return replace(
        histories,
        indptr=histories.indptr + np.arange(len(histories) + 1),
        item_codes=np.insert(histories.item_codes, ends, item_codes),
        behaviours=np.insert(histories.behaviours, ends, BEHAVIOUR_CODE["dislike"]),
        times_s=np.insert(histories.times_s, ends, histories.now_s - 1),
    )
