"""What every model must do, as a suite of tests: subclass `ModelContract`, say how to make one model, run pytest.

Nothing is listed by name: a capability that a class declares is proved, and one that it does not declare is refuted.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields, replace
from functools import cached_property

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from safetensors.torch import load, save

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import Cancelled, TrainingFailed
from recengine.models.base import FitContext, ModelConfig, Recommender
from recengine.testing.known_answers import KnownAnswers, chain, checkerboard

LINEAR_TOLERANCE = 1e-6
DAY_S = 86_400


class ModelContract:
    """Tests of one model class. A fitted model is shared by the tests of one class; scoring must not change it."""

    @property
    @abstractmethod
    def model(self) -> type[Recommender]:
        """The class under test."""

    def config(self) -> ModelConfig:
        """Settings small enough for a log of a few hundred events; the defaults unless a suite says otherwise."""
        return self.model.Config()

    def fit(self, log: EventLog, catalogue: Catalogue, seed: int = 0) -> Recommender:
        fitted = self.model(self.config())
        fitted.fit_all(log, FitContext(catalogue, seed=seed))
        return fitted

    @cached_property
    def board(self) -> KnownAnswers:
        return checkerboard()

    @cached_property
    def ring(self) -> KnownAnswers:
        return chain()

    @cached_property
    def on_board(self) -> Recommender:
        return self.fit(self.board.log, self.board.catalogue)

    @cached_property
    def on_ring(self) -> Recommender:
        return self.fit(self.ring.log, self.ring.catalogue)

    @cached_property
    def mixed(self) -> Histories:
        """Histories of every awkward kind: long, short, repeated, unknown items, empty, behaviours without weight."""
        rows = Histories.of_items([[0, 2, 4, 6], [1], [3, 3, 5], [-1, 999, 2], [], [7, -1], [0, 1, 2, 3, 4, 5]], now_s=self._now())
        behaviours = rows.behaviours.copy()
        behaviours[1], behaviours[-1], behaviours[-3] = BEHAVIOUR_CODE["view"], BEHAVIOUR_CODE["impression"], BEHAVIOUR_CODE["cart"]
        return replace(rows, behaviours=behaviours)

    def _now(self) -> int:
        return int(self.board.log.times_s.max()) + DAY_S

    # Fit

    def test_reports_every_epoch_and_is_usable_after_each(self) -> None:
        model = self.model(self.config())
        reports = []
        for report in model.fit(self.board.log, FitContext(self.board.catalogue)):
            reports.append(report)
            assert model.score(self.mixed).shape == (len(self.mixed), self.board.log.n_items)
            assert report.loss is None or np.isfinite(report.loss)
        assert [report.epoch for report in reports] == list(range(1, len(reports) + 1))
        assert reports[-1].epoch <= reports[-1].of

    def test_same_seed_and_shuffled_rows_give_the_same_state(self) -> None:
        log = self.board.log
        order = np.random.default_rng(7).permutation(len(log))
        columns = (log.user_codes, log.item_codes, log.times_s, log.behaviours, log.prices)
        users, items, times_s, behaviours, prices = (column[order] for column in columns)
        shuffled = EventLog.build(users, items, times_s, log.n_users, log.n_items, behaviours, prices)
        again = self.fit(shuffled, self.board.catalogue).state()
        before = self.on_board.state()
        assert before.keys() == again.keys()
        assert all(torch.equal(torch.nan_to_num(before[key]), torch.nan_to_num(again[key])) for key in before)

    def test_neither_fit_nor_score_changes_its_input(self) -> None:
        known = checkerboard()
        kept = _bytes_of(known.log), _bytes_of(known.catalogue), _bytes_of(known.questions)
        model = self.fit(known.log, known.catalogue)
        state = _bytes_of_state(model)
        candidates = np.tile(np.arange(4), (len(known.questions), 1))
        exclude = known.questions.to_csr(model.n_items)
        allow = np.ones(model.n_items, dtype=bool)
        owned = exclude.copy()
        model.score(known.questions, candidates)
        model.recommend(known.questions, 3, exclude, allow)
        assert (_bytes_of(known.log), _bytes_of(known.catalogue), _bytes_of(known.questions)) == kept, "the input was changed"
        assert _bytes_of_state(model) == state, "scoring changed the fitted model"
        assert (candidates == np.arange(4)).all(), "the candidates were changed"
        assert allow.all(), "the allowed items were changed"
        assert (exclude != owned).nnz == 0, "the excluded items were changed"

    def test_a_caller_may_write_into_the_scores(self) -> None:
        before = _numbers(self.on_board.score(self.mixed))
        scores = self.on_board.score(self.mixed)
        scores[:] = 7.0
        np.testing.assert_array_equal(_numbers(self.on_board.score(self.mixed)), before)

    def test_cancel_within_one_batch(self) -> None:
        asked = 0

        def stop() -> bool:
            nonlocal asked
            asked += 1
            return True

        with pytest.raises(Cancelled):
            self.model(self.config()).fit_all(self.board.log, FitContext(self.board.catalogue, should_stop=stop))
        assert asked == 1, "the fit went on after it was told to stop"

    def test_an_empty_log_fails_in_plain_words(self) -> None:
        nothing = self.board.log.keep(np.zeros(len(self.board.log), dtype=bool))
        with pytest.raises(TrainingFailed) as failure:
            self.fit(nothing, self.board.catalogue)
        assert failure.value.what
        assert failure.value.fix

    @pytest.mark.parametrize("case", ["one item", "one shopper", "one event"])
    def test_a_tiny_log_fits_or_fails_in_plain_words(self, case: str) -> None:
        log = self.board.log
        mask = {"one item": log.item_codes == 0, "one shopper": log.user_codes == 0, "one event": np.arange(len(log)) == 0}[case]
        refusal: TrainingFailed | None = None
        try:
            model = self.fit(log.keep(mask), self.board.catalogue)
        except TrainingFailed as failure:
            refusal = failure
        if refusal is None:
            assert not torch.isinf(model.score(self.mixed)).any()
        else:
            assert refusal.what
            assert refusal.fix

    # Score

    def test_scores_are_finite_or_nan(self) -> None:
        for model in (self.on_board, self.on_ring):
            scores = model.score(self.mixed)
            assert scores.dtype == torch.float32
            assert scores.device.type == "cpu"
            assert not torch.isinf(scores).any()

    def test_a_history_can_be_answered_at_all(self) -> None:
        scores = _numbers(self.on_board.score(self.board.questions))
        assert np.isfinite(scores[:, : self.board.cold_item]).any(axis=1).all()

    def test_unknown_candidates_are_nan_and_known_ones_equal_the_full_scores(self) -> None:
        n = self.on_board.n_items
        candidates = np.random.default_rng(3).integers(-2, n + 2, size=(len(self.mixed), 9))
        full, picked = _numbers(self.on_board.score(self.mixed)), _numbers(self.on_board.score(self.mixed, candidates))
        known = (candidates >= 0) & (candidates < n)
        expected = np.where(known, np.take_along_axis(full, candidates.clip(0, n - 1), 1), np.nan)
        np.testing.assert_allclose(picked, expected, rtol=1e-5, atol=1e-6)

    def test_unknown_items_of_a_history_are_ignored(self) -> None:
        with_unknown = Histories.of_items([[0, 2, -1], [-1, 0, 2], [0, 999, 2]], now_s=self._now())
        without = Histories.of_items([[0, 2], [0, 2], [0, 2]], now_s=self._now())
        if self.model.can.time:
            without = with_unknown.keep_events((with_unknown.item_codes >= 0) & (with_unknown.item_codes < self.on_board.n_items))
        np.testing.assert_allclose(
            _numbers(self.on_board.score(with_unknown)), _numbers(self.on_board.score(without)), rtol=1e-5, atol=1e-6
        )

    def test_a_batch_scores_like_its_rows_one_by_one(self) -> None:
        together = _numbers(self.on_board.score(self.mixed))
        alone = np.concatenate([_numbers(self.on_board.score(self.mixed.rows(np.array([row])))) for row in range(len(self.mixed))])
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)

    def test_nobody_in_particular_is_answered_too(self) -> None:
        anonymous = replace(self.board.questions, user_codes=np.full(len(self.board.questions), -1, dtype=np.int32))
        scores = _numbers(self.on_board.score(anonymous))
        assert np.isfinite(scores[:, : self.board.cold_item]).any(axis=1).all()

    # Lists

    def test_excluded_and_forbidden_items_are_never_returned(self) -> None:
        model, questions = self.on_board, self.board.questions
        exclude = questions.to_csr(model.n_items)
        allow = np.arange(model.n_items) % 5 != 0
        codes = model.recommend(questions, model.n_items, exclude, allow).item_codes
        rows, places = np.nonzero(codes >= 0)
        assert len(rows)
        assert not np.asarray(exclude[rows, codes[rows, places]]).any()
        assert allow[codes[rows, places]].all()

    @pytest.mark.parametrize("k", [0, 1, 5, 1000])
    def test_lists_of_any_length(self, k: int) -> None:
        lists = self.on_board.recommend(self.mixed, k)
        assert lists.item_codes.shape == lists.scores.shape == (len(self.mixed), k)
        assert lists.item_codes.dtype == np.int32
        assert lists.scores.dtype == np.float64
        assert ((lists.item_codes == -1) == np.isnan(lists.scores)).all()
        full = _numbers(self.on_board.score(self.mixed))
        for row in range(len(self.mixed)):
            codes = lists.item_codes[row]
            filled = int((codes >= 0).sum())
            assert (codes[filled:] == -1).all(), "padding stands at the end"
            assert len(set(codes[:filled])) == filled, "an item comes once"
            assert filled == min(k, int(np.isfinite(full[row]).sum())), "an item that can be scored is missing, or NaN was returned"
            steps = np.diff(lists.scores[row, :filled])
            assert (steps <= 0).all(), "best first"
            assert (np.diff(codes[:filled])[steps == 0] > 0).all(), "ties by the lower code"
            np.testing.assert_allclose(lists.scores[row, :filled], full[row, codes[:filled]], rtol=1e-4, atol=1e-5)

    def test_lists_do_not_depend_on_the_batch(self) -> None:
        whole = self.on_board.recommend(self.board.questions, 6, batch=1024)
        for batch in (1, 5):
            parts = self.on_board.recommend(self.board.questions, 6, batch=batch)
            np.testing.assert_allclose(parts.scores, whole.scores, rtol=1e-5, atol=1e-6)
            if self.model.can.linear:
                np.testing.assert_array_equal(parts.item_codes, whole.item_codes)

    def test_no_histories_give_no_lists(self) -> None:
        none = self.board.questions.rows(np.zeros(0, dtype=np.int64))
        assert self.on_board.score(none).shape == (0, self.on_board.n_items)
        assert self.on_board.recommend(none, 3).item_codes.shape == (0, 3)

    # State and settings

    def test_state_survives_the_disk(self) -> None:
        state = self.on_board.state()
        assert state
        assert all(tensor.device.type == "cpu" for tensor in state.values())
        loaded = self.model(self.config())
        loaded.load_state(load(save({name: tensor.contiguous() for name, tensor in state.items()})))
        assert loaded.n_items == self.on_board.n_items
        np.testing.assert_array_equal(_numbers(loaded.score(self.mixed)), _numbers(self.on_board.score(self.mixed)))

    def test_a_second_fit_forgets_the_first(self) -> None:
        model = self.fit(self.ring.log, self.ring.catalogue)
        model.fit_all(self.board.log, FitContext(self.board.catalogue))
        np.testing.assert_array_equal(_numbers(model.score(self.mixed)), _numbers(self.on_board.score(self.mixed)))

    def test_settings_survive_json_and_are_documented(self) -> None:
        config = self.config()
        assert type(config).model_validate_json(config.model_dump_json()) == config
        assert all(field.description for field in type(config).model_fields.values()), "every setting needs a docstring"
        with pytest.raises(ValueError, match="extra"):
            type(config).model_validate({"no_such_setting": 1})

    def test_presets_are_settings(self) -> None:
        for name, settings in self.model.presets.items():
            changed = self.model.Config.model_validate(settings)
            assert changed != self.model.Config(), f"the preset {name} changes nothing"

    def test_describes_itself(self) -> None:
        assert self.model.title
        assert self.model.summary.endswith(".")
        assert self.model.source

    # Declared capabilities, true and false

    def test_cold_users_as_declared(self) -> None:
        empty = Histories.of_items([[], [-1]], now_s=self._now())
        finite = np.isfinite(_numbers(self.on_board.score(empty)))
        assert finite.any(axis=1).all() if self.model.can.cold_users else not finite.any()

    def test_cold_items_as_declared(self) -> None:
        finite = np.isfinite(_numbers(self.on_board.score(self.board.questions))[:, self.board.cold_item])
        assert finite.any() if self.model.can.cold_items else not finite.any()

    def test_order_as_declared(self) -> None:
        forward = Histories.of_items([[0, 1, 2], [4, 5, 6]], now_s=self._now())
        backward = replace(forward, item_codes=np.array([2, 1, 0, 6, 5, 4], dtype=np.int32))
        self._changes_as_declared(forward, backward, self.model.can.order, "order")

    def test_time_as_declared(self) -> None:
        now = self._now()
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
        same = np.array_equal(_numbers(self.on_ring.score(self.ring.questions)), _numbers(other.score(self.ring.questions)), equal_nan=True)
        assert same != self.model.can.features

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
        assert _bytes_of_state(resumed) == _bytes_of_state(model)

    def test_linear_as_declared(self) -> None:
        if not self.model.can.linear:
            with pytest.raises(TypeError):
                self.on_board.contributions(self.mixed, np.zeros(len(self.mixed), dtype=np.int64))
            return
        for model, histories in ((self.on_board, self.mixed), (self.on_ring, self.ring.questions), (self.on_board, self.board.questions)):
            lists = model.recommend(histories, 8)
            full = _numbers(model.score(histories))
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
            cold = np.isnan(_numbers(self.on_board.score(self.board.questions, codes[:, None]))[:, 0])
            np.testing.assert_array_equal(np.isnan(parts.base), cold)

    def test_catalogue_limit_as_declared(self) -> None:
        limit = self.model.can.max_items
        if limit is None:
            return
        log = EventLog.build(np.zeros(3), np.array([0, 1, limit]), np.arange(3), 1, limit + 1)
        with pytest.raises(TrainingFailed) as failure:
            self.fit(log, self.board.catalogue)
        assert failure.value.why
        assert failure.value.fix

    # Known answers

    def test_finds_the_answer_that_is_known(self) -> None:
        """A model that reads the history beats one fixed list: on the checkerboard, or on the ring where it reads the order."""
        if not self._reads_history():
            return
        board = _share_right(self.on_board, self.board)
        if self.model.can.order and board < 0.9:
            assert _share_right(self.on_ring, self.ring) >= 0.9, "neither the checkerboard nor the ring was learned"
        else:
            assert board >= 0.9, "the checkerboard was not learned"

    def test_knows_its_own_side_of_the_board(self) -> None:
        """Items of the shopper's colour stand before the others, in every list."""
        if not self._reads_history():
            return
        lists = self.on_board.recommend(self.board.questions, 1, self.board.questions.to_csr(self.on_board.n_items)).item_codes[:, 0]
        allowed = lists % 2 == self.board.questions.user_codes % 2
        assert allowed.mean() >= 0.9

    def _reads_history(self) -> bool:
        scores = _numbers(self.on_board.score(self.board.questions))
        return not all(np.array_equal(row, scores[0], equal_nan=True) for row in scores)

    def _changes_as_declared(self, one: Histories, other: Histories, declared: bool, what: str) -> None:
        changed = False
        for model in (self.on_board, self.on_ring):
            first, second = _numbers(model.score(one)), _numbers(model.score(other))
            if not np.allclose(first, second, rtol=1e-5, atol=1e-6, equal_nan=True):
                changed = True
        assert changed == declared, f"declared {what}={declared}, but the scores {'change' if changed else 'do not change'} with it"


def _numbers(scores: torch.Tensor) -> np.ndarray:
    return scores.detach().numpy().copy()


def _bytes_of(record: object) -> list[bytes]:
    """The bytes of every array of a frozen record; text arrays by their values."""
    values = [getattr(record, field.name) for field in fields(record)]  # type: ignore[arg-type]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    return [repr(array.tolist()).encode() if array.dtype == object else array.tobytes() for array in arrays]


def _bytes_of_state(model: Recommender) -> bytes:
    return save({name: tensor.contiguous().clone() for name, tensor in model.state().items()})


def _share_right(model: Recommender, known: KnownAnswers) -> float:
    """Share of questions whose first item, among those the shopper lacks, is the answer."""
    owned = sp.csr_matrix(known.questions.to_csr(model.n_items))
    return float((model.recommend(known.questions, 1, owned).item_codes[:, 0] == known.answers).mean())
