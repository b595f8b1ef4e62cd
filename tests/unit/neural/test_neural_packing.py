"""Packing of ragged sequences, windows of histories, and the transformer over them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.neural.dropout import ByteDropout, kept
from recengine.neural.packing import pack
from recengine.neural.sequences import FIRST, Sequences, gap_ahead, nearest_kinds, shuffle_moments, windows
from recengine.neural.transformer import Positions, Residual, Shape, Transformer, turned


def test_packing_by_hand() -> None:
    """Lengths 1, 3, 1: one row of three places, then two rows of one."""
    found = pack(np.array([1, 3, 1]))
    assert found.rectangles == ((1, 3), (2, 1))
    assert found.places.tolist() == [3, 0, 1, 2, 4]
    assert found.steps.tolist() == [0, 1, 2, 0, 0]


def test_nearly_equal_lengths_share_a_rectangle() -> None:
    """From 128 on lengths are rounded up to multiples of 16."""
    assert pack(np.array([200, 195, 192])).rectangles == ((2, 200), (1, 192))


def test_packing_nothing() -> None:
    found = pack(np.zeros(0, dtype=np.int64))
    assert (found.rectangles, found.n_places, len(found.places)) == ((), 0, 0)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=40))
def test_every_token_has_a_place_of_its_own(lengths: list[int]) -> None:
    found = pack(np.array(lengths))
    assert len(set(found.places.tolist())) == sum(lengths) == len(found.places)
    assert found.n_places == sum(n * length for n, length in found.rectangles)
    assert found.n_places <= sum(lengths) * 9 / 8 + 1
    steps = found.steps[found.places]
    assert steps.tolist() == [step for length in lengths for step in range(length)]


@pytest.mark.parametrize("residual", list(Residual))
@pytest.mark.parametrize("positions", list(Positions))
def test_a_packed_sequence_is_read_like_one_alone(residual: Residual, positions: Positions) -> None:
    torch.manual_seed(0)
    network = Transformer(Shape(16, 2, 2, 60, 0.3, residual, positions, 32)).eval()
    lengths = np.array([3, 50, 1, 47, 50, 9])
    tokens = torch.randn(int(lengths.sum()), 16)
    packing = pack(lengths)
    room = torch.zeros(packing.n_places, 16)
    room[torch.from_numpy(packing.places)] = tokens
    together = network(room, packing)[torch.from_numpy(packing.places)]
    alone = torch.cat([network(part, pack(np.array([len(part)]))) for part in tokens.split(lengths.tolist())])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_state_knows_nothing_of_later_tokens() -> None:
    torch.manual_seed(0)
    network = Transformer(Shape(16, 2, 1, 20, 0.0, Residual.PLAIN, Positions.LEARNED, 16)).eval()
    tokens = torch.randn(12, 16)
    changed = tokens.clone()
    changed[7:] = torch.randn(5, 16)
    before, after = network(tokens, pack(np.array([12]))), network(changed, pack(np.array([12])))
    torch.testing.assert_close(before[:7], after[:7])
    assert not torch.allclose(before[7], after[7])


def test_rotary_products_depend_on_the_distance_alone() -> None:
    network = Transformer(Shape(8, 1, 1, 32, 0.0, Residual.PLAIN, Positions.ROTARY, 8))
    query, key = torch.randn(1, 8).expand(32, 8), torch.randn(1, 8).expand(32, 8)
    products = turned(query, network.turns) @ turned(key, network.turns).T  # type: ignore[arg-type]
    torch.testing.assert_close(products[5, 2], products[20, 17], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(turned(query, network.turns).norm(dim=1), query.norm(dim=1))  # type: ignore[arg-type]


def test_windows_by_hand() -> None:
    """Rows of 7, 1 and 2 events, three read at most."""
    indptr = np.array([0, 7, 8, 10])
    starts, stops = windows(indptr, 3, every=False)
    assert (starts.tolist(), stops.tolist()) == ([3, 8], [7, 10])
    starts, stops = windows(indptr, 3, every=True)
    assert list(zip(starts.tolist(), stops.tolist(), strict=True)) == [(3, 7), (0, 4), (8, 10)]


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(1, 20))
def test_every_event_but_the_first_is_predicted_once(lengths: list[int], length: int) -> None:
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    starts, stops = windows(indptr, length, every=True)
    predicted = sorted(place for start, stop in zip(starts, stops, strict=True) for place in range(start + 1, stop))
    assert predicted == [place for row, size in enumerate(lengths) for place in range(indptr[row] + 1, indptr[row] + size)]
    assert (stops - starts <= length + 1).all()


def test_only_events_of_one_moment_change_places() -> None:
    row, moment, chance = np.array([0, 0, 0, 1, 1]), np.array([1, 1, 2, 3, 3]), np.array([0.9, 0.1, 0.0, 0.2, 0.3])
    assert shuffle_moments(row, moment, chance).tolist() == [1, 0, 2, 3, 4]


def test_gaps_and_repeats_by_hand() -> None:
    times = np.array([100, 100, 101, 104, 50])
    log = EventLog.build(np.array([0, 0, 0, 0, 1]), np.array([3, 4, 3, 5, 3]), times, 2, 6)
    found = Sequences.of_log(log)
    assert found.gaps.tolist() == [FIRST, 0, 1, 2, FIRST]  # 0 s, 1 s, 3 s
    assert found.repeats.tolist() == [False, False, True, False, False]


def test_questions_leave_out_unknown_items_and_measure_over_them() -> None:
    histories = Histories.of_items([[1, -1, 2], [9]], now_s=100)
    found = Sequences.of_histories(histories, n_items=5)
    assert found.indptr.tolist() == [0, 2, 2]
    assert found.item_codes.tolist() == [1, 2]
    assert found.gaps.tolist() == [FIRST, 2]  # 2 s between them


def test_the_gap_before_a_question_by_hand() -> None:
    histories = Histories(
        np.array([0, 2, 3, 3]), np.array([1, -1, 2]), np.array([5, 5, 5]), np.array([100, 105, 110]), np.array([107, 110, 50]), np.zeros(3)
    )
    assert gap_ahead(histories, Sequences.of_histories(histories, 5)).tolist() == [3, 0, FIRST]  # 7 s after the known item, 0 s, nobody


def test_a_gap_never_seen_is_read_as_the_nearest() -> None:
    kinds = nearest_kinds(np.array([0, FIRST, 6, 9]))
    assert kinds[[0, FIRST, FIRST + 1]].tolist() == [0, FIRST, FIRST + 1]
    assert kinds[[1, 6, 7, 8, 30]].tolist() == [6, 6, 6, 9, 9]
    assert nearest_kinds(np.array([0, FIRST])).tolist() == list(range(FIRST + 2))


def test_dropout_keeps_the_mean_and_its_share() -> None:
    torch.manual_seed(0)
    mask = kept(torch.Size((1000, 1001)), 0.3)
    assert float((mask == 0).float().mean()) == pytest.approx(0.3, abs=0.005)
    assert float(mask.mean()) == pytest.approx(1.0, abs=0.005)
    assert len(mask.unique()) == 2


def test_dropout_rests_outside_training_and_follows_the_seed() -> None:
    layer, values = ByteDropout(0.5), torch.ones(64, 64)
    torch.manual_seed(3)
    first = layer(values)
    torch.manual_seed(3)
    assert torch.equal(layer(values), first)
    assert not torch.equal(layer(values), first)
    assert layer.eval()(values) is values
