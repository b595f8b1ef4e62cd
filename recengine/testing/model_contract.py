"""What every model must do, as a suite of tests: subclass `ModelContract`, say how to make one model, run pytest.

Nothing is listed by name: a capability that a class declares is proved, and one that it does not declare is refuted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from safetensors.torch import load, save

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import Cancelled, TrainingFailed
from recengine.models.base import FitContext, Recommender
from recengine.testing.fitted_models import bytes_of, bytes_of_state, numbers
from recengine.testing.known_answers import KnownAnswers, checkerboard
from recengine.testing.model_capabilities import CapabilityContract


class ModelContract(CapabilityContract):
    """Tests of one model class: subclass it, say which `model` and, where the defaults are too large, which `config`."""

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
        kept = bytes_of(known.log), bytes_of(known.catalogue), bytes_of(known.questions)
        model = self.fit(known.log, known.catalogue)
        state = bytes_of_state(model)
        candidates = np.tile(np.arange(4), (len(known.questions), 1))
        exclude = known.questions.to_csr(model.n_items)
        allow = np.ones(model.n_items, dtype=bool)
        owned = exclude.copy()
        model.score(known.questions, candidates)
        model.recommend(known.questions, 3, exclude, allow)
        assert (bytes_of(known.log), bytes_of(known.catalogue), bytes_of(known.questions)) == kept, "the input was changed"
        assert bytes_of_state(model) == state, "scoring changed the fitted model"
        assert (candidates == np.arange(4)).all(), "the candidates were changed"
        assert allow.all(), "the allowed items were changed"
        assert (exclude != owned).nnz == 0, "the excluded items were changed"

    def test_a_caller_may_write_into_the_scores(self) -> None:
        before = numbers(self.on_board.score(self.mixed))
        scores = self.on_board.score(self.mixed)
        scores[:] = 7.0
        np.testing.assert_array_equal(numbers(self.on_board.score(self.mixed)), before)

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
        scores = numbers(self.on_board.score(self.board.questions))
        assert np.isfinite(scores[:, : self.board.cold_item]).any(axis=1).all()

    def test_unknown_candidates_are_nan_and_known_ones_equal_the_full_scores(self) -> None:
        n = self.on_board.n_items
        candidates = np.random.default_rng(3).integers(-2, n + 2, size=(len(self.mixed), 9))
        full, picked = numbers(self.on_board.score(self.mixed)), numbers(self.on_board.score(self.mixed, candidates))
        known = (candidates >= 0) & (candidates < n)
        expected = np.where(known, np.take_along_axis(full, candidates.clip(0, n - 1), 1), np.nan)
        np.testing.assert_allclose(picked, expected, rtol=1e-5, atol=1e-6)

    def test_unknown_items_of_a_history_are_ignored(self) -> None:
        with_unknown = Histories.of_items([[0, 2, -1], [-1, 0, 2], [0, 999, 2]], now_s=self.now())
        without = Histories.of_items([[0, 2], [0, 2], [0, 2]], now_s=self.now())
        if self.model.can.time:
            without = with_unknown.keep_events((with_unknown.item_codes >= 0) & (with_unknown.item_codes < self.on_board.n_items))
        np.testing.assert_allclose(numbers(self.on_board.score(with_unknown)), numbers(self.on_board.score(without)), rtol=1e-5, atol=1e-6)

    def test_a_batch_scores_like_its_rows_one_by_one(self) -> None:
        together = numbers(self.on_board.score(self.mixed))
        alone = np.concatenate([numbers(self.on_board.score(self.mixed.rows(np.array([row])))) for row in range(len(self.mixed))])
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)

    def test_nobody_in_particular_is_answered_too(self) -> None:
        anonymous = replace(self.board.questions, user_codes=np.full(len(self.board.questions), -1, dtype=np.int32))
        scores = numbers(self.on_board.score(anonymous))
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
        full = numbers(self.on_board.score(self.mixed))
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
        np.testing.assert_array_equal(numbers(loaded.score(self.mixed)), numbers(self.on_board.score(self.mixed)))

    def test_a_second_fit_forgets_the_first(self) -> None:
        model = self.fit(self.ring.log, self.ring.catalogue)
        model.fit_all(self.board.log, FitContext(self.board.catalogue))
        np.testing.assert_array_equal(numbers(model.score(self.mixed)), numbers(self.on_board.score(self.mixed)))

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

    def test_catalogue_limit_as_declared(self) -> None:
        limit = self.model.can.max_items
        if limit is None:
            return
        log = EventLog.build(np.zeros(3), np.array([0, 1, limit]), np.arange(3), 1, limit + 1)
        with pytest.raises(TrainingFailed) as failure:
            self.fit(log, self.board.catalogue)
        assert failure.value.why
        assert failure.value.fix

    def test_a_model_that_is_not_linear_says_so(self) -> None:
        if not self.model.can.linear:
            with pytest.raises(TypeError):
                self.on_board.contributions(self.mixed, np.zeros(len(self.mixed), dtype=np.int64))

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
        scores = numbers(self.on_board.score(self.board.questions))
        return not all(np.array_equal(row, scores[0], equal_nan=True) for row in scores)


def _share_right(model: Recommender, known: KnownAnswers) -> float:
    """Share of questions whose first item, among those the shopper lacks, is the answer.

    The item without events is left out: its title is as right as the answer's to a model that reads titles.
    """
    owned = sp.csr_matrix(known.questions.to_csr(model.n_items))
    warm = np.arange(model.n_items) != known.cold_item
    return float((model.recommend(known.questions, 1, owned, warm).item_codes[:, 0] == known.answers).mean())
