"""The text model: a score is the sum worked out by hand, cold items are found, and nothing to read is said in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.histories import Histories
from recengine.errors import TrainingFailed
from recengine.models.base import FitContext
from recengine.models.text import Text, TextConfig, profile_shares
from recengine.testing.known_answers import checkerboard
from recengine.testing.tiny_language_model import make_tiny_language_model

ALL = np.ones(6, dtype=bool)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    words = ["query", ":", "oak", "table", "silk", "scarf", "no"]
    return str(make_tiny_language_model(tmp_path_factory.mktemp("model") / "tiny", words))


def test_shares_by_hand() -> None:
    """Ranks 3, 2, 1 and decay 1: 1/3, 1/2, 1 of 11/6."""
    shares = profile_shares(Histories.of_items([[0, 1, 2], []]), ALL, 500, 1.0)
    np.testing.assert_allclose(shares, np.array([1 / 3, 1 / 2, 1]) / (11 / 6))
    np.testing.assert_allclose(profile_shares(Histories.of_items([[0, 1, 2]]), ALL, 2, 0.0), [0, 0.5, 0.5])


def test_unknown_and_textless_items_take_no_place() -> None:
    histories = Histories.of_items([[0, -1, 99, 3, 1]])
    shares = profile_shares(histories, np.array([True, True, True, False, True, True]), 2, 1.0)
    np.testing.assert_allclose(shares, [1 / 3, 0, 0, 0, 2 / 3])


def test_a_dislike_has_a_share_below_nothing_and_alone_says_nothing() -> None:
    rows = Histories.of_items([[0, 1], [1]])
    behaviours = rows.behaviours.copy()
    behaviours[[1, 2]] = BEHAVIOUR_CODE["dislike"]
    table = rows.weight_of_code.copy()
    table[BEHAVIOUR_CODE["dislike"]] = -1.0
    np.testing.assert_allclose(profile_shares(replace(rows, behaviours=behaviours, weight_of_code=table), ALL, 500, 0.0), [0.5, -0.5, 0.0])


def test_scores_by_hand() -> None:
    model = Text(TextConfig(rank_decay=1.0))
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32)
    model.load_state({"vectors": torch.from_numpy(vectors)})
    scores = model.score(Histories.of_items([[0, 1], [3], []])).numpy()
    np.testing.assert_allclose(scores[0], [1 / 3, 2 / 3, 0.2 + 1.6 / 3, np.nan], rtol=1e-6)
    assert np.isnan(scores[1:]).all()


def test_a_cold_item_with_the_right_title_comes_first(tiny: str) -> None:
    board = checkerboard()
    model = Text(TextConfig(encoder=tiny))
    model.fit_all(board.log, FitContext(board.catalogue))
    owned = board.questions.to_csr(model.n_items)
    lists = model.recommend(board.questions, 2, owned).item_codes
    even = board.questions.user_codes % 2 == 0
    assert (lists[even] == board.cold_item).any(1).all()
    assert not (lists[~even][:, :1] == board.cold_item).any()


def test_nothing_to_read_and_no_model_are_told_in_words(tiny: str, tmp_path: Path) -> None:
    board = checkerboard()
    blank = np.full(len(board.catalogue), "", dtype=object)
    bare = replace(board.catalogue, titles=blank, categories=blank)
    with pytest.raises(TrainingFailed, match="no text to read"):
        Text(TextConfig(encoder=tiny)).fit_all(board.log, FitContext(bare))
    with pytest.raises(TrainingFailed, match="no language model") as failure:
        Text(TextConfig(encoder=str(tmp_path / "nowhere"))).fit_all(board.log, FitContext(board.catalogue))
    assert failure.value.fix
