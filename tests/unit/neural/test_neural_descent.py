"""The one gradient loop: steps by hand, accumulation, memory that runs out, numbers that explode, and going on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from recengine.errors import Cancelled, TrainingFailed
from recengine.neural.descent import Descent, Machine, Plan, is_out_of_memory, uses_bf16

PLAN = Plan(epochs=3, batch_size=8, learning_rate=0.01)


class Line(nn.Module):
    """y = w x, with dropout so that the random state matters."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[0.5, -0.25, 1.0]]))
        self.dropout = nn.Dropout(dropout)


def data(n: int = 20) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(5)
    return torch.randn(n, 3, generator=draw), torch.randn(n, 1, generator=draw)


def squares(network: Line, n: int = 20) -> Callable[[Tensor, torch.Generator], tuple[Tensor, int]]:
    inputs, wanted = data(n)

    def loss(batch: Tensor, _draw: torch.Generator) -> tuple[Tensor, int]:
        found = network.dropout(inputs[batch]) @ network.weight.T
        return ((found - wanted[batch]) ** 2).sum(), len(batch)

    return loss


def learned(plan: Plan = PLAN, machine: Machine | None = None, dropout: float = 0.0) -> Tensor:
    network = Line(dropout)
    for _ in Descent(network, 20, squares(network), plan, machine or Machine()).epochs():
        pass
    return network.weight.detach().clone()


def test_one_step_by_hand() -> None:
    """Adam's first step: m / (√v + ε) is the sign of the gradient, so every weight moves by the learning rate."""
    network = Line()
    inputs, wanted = data(4)
    slope = (2 * (inputs @ network.weight.T - wanted) * inputs).mean(0)
    before = network.weight.detach().clone()
    descent = Descent(network, 4, squares(network, 4), Plan(1, 4, 0.1), Machine())
    (epoch,) = descent.epochs()
    torch.testing.assert_close(network.weight[0], before[0] - 0.1 * slope.detach().sign(), rtol=1e-5, atol=1e-5)
    mean = float(((inputs @ before.T - wanted) ** 2).mean())
    assert (epoch.number, epoch.loss) == (1, pytest.approx(mean, rel=1e-5))


def test_weight_decay_by_hand() -> None:
    """AdamW: w - lr × decay × w, then the step."""
    plain = learned(replace(PLAN, epochs=1, batch_size=20))
    decayed = learned(replace(PLAN, epochs=1, batch_size=20, weight_decay=0.5))
    torch.testing.assert_close(plain - decayed, 0.01 * 0.5 * Line().weight.detach(), rtol=1e-4, atol=1e-6)


def test_single_numbers_do_not_decay() -> None:
    """Offsets and strengths keep their size; matrices do not."""

    class Two(Line):
        def __init__(self) -> None:
            super().__init__()
            self.offset = nn.Parameter(torch.ones(3))

    network = Two()
    descent = Descent(
        network, 4, lambda batch, _: (0.0 * (network.weight.sum() + network.offset.sum()), 1), Plan(1, 4, 0.1, 0.5), Machine()
    )
    list(descent.epochs())
    assert network.offset.tolist() == [1.0, 1.0, 1.0]
    torch.testing.assert_close(network.weight.detach(), Line().weight.detach() * 0.95)


def test_the_network_in_use_is_the_mean_of_its_steps() -> None:
    """Share of step t: max(1 / (epochs × steps + 1), 9 / (t + 9)); two steps an epoch, so 9/10, 9/11, 9/12, 9/13."""
    plan = replace(PLAN, epochs=2, batch_size=10)
    steps = [Line().weight.detach().clone()]
    network = Line()
    raw = Descent(network, 20, squares(network), plan, Machine())
    raw.after_step = lambda step: steps.append(network.weight.detach().clone())
    list(raw.epochs())
    mean = steps[0]
    for t, step in enumerate(steps[1:], 1):
        mean = mean + max(1 / 3, 9 / (t + 9)) * (step - mean)
    torch.testing.assert_close(learned(replace(plan, averaged_epochs=1.0)), mean)


@pytest.mark.parametrize("at", [1, 3, 5, 6, 9])
def test_going_on_with_means_is_bit_equal(at: int) -> None:
    """In the middle of an epoch, after an epoch's report while the means are in use, and after the last."""
    plan = replace(PLAN, averaged_epochs=1.0)
    whole, kept, asked = learned(plan, dropout=0.3), list[dict[str, Tensor]](), 0

    def keep(_epoch: int, make: Callable[[], dict[str, Tensor]]) -> None:
        nonlocal asked
        asked += 1
        if asked == at:
            kept.append(make())

    network = Line(0.3)
    descent = Descent(network, 20, squares(network), plan, Machine(checkpoint=keep))
    for _ in descent.epochs():
        in_use = network.weight.detach().clone()
        keep(0, descent.state)
        assert torch.equal(network.weight, in_use), "looking at the state changed the network"
    assert torch.equal(network.weight, whole)
    assert torch.equal(learned(plan, Machine(resume=kept[0]), dropout=0.3), whole)


def test_warmup_by_hand() -> None:
    """The first of ten warm steps goes a tenth of the way."""
    plan = replace(PLAN, epochs=1, batch_size=20)
    start = Line().weight.detach()
    torch.testing.assert_close(learned(replace(plan, warmup_steps=10)) - start, (learned(plan) - start) / 10, rtol=1e-3, atol=1e-6)


def test_clipping_shortens_the_gradient() -> None:
    network = Line()
    descent = Descent(network, 20, squares(network), replace(PLAN, clip_norm=1e-3, epochs=1, batch_size=20), Machine())
    list(descent.epochs())
    assert network.weight.grad is not None
    assert float(network.weight.grad.norm()) == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.parametrize("parts", [2, 3, 8, 50])
def test_accumulation_is_the_whole_batch(parts: int) -> None:
    """The step follows the mean over all terms, also where the parts are of unequal size."""
    torch.testing.assert_close(learned(replace(PLAN, micro_batches=parts)), learned(), rtol=1e-5, atol=1e-6)


def test_accumulation_weighs_terms_not_parts() -> None:
    """Examples with one and with three terms: the mean is over four."""
    network = Line()

    def loss(batch: Tensor, _draw: torch.Generator) -> tuple[Tensor, int]:
        terms = 1 + 2 * batch  # example 0 has one term, example 1 three
        return (network.weight.sum() * terms).sum() * 0 + (network.weight[0, 0] * terms).sum(), int(terms.sum())

    list(Descent(network, 2, loss, Plan(1, 2, 0.1, micro_batches=2), Machine()).epochs())
    assert network.weight.grad is not None
    assert float(network.weight.grad[0, 0]) == pytest.approx(1.0)  # (1 + 3) / 4


def test_every_example_once_an_epoch() -> None:
    network, seen = Line(), list[int]()
    inner = squares(network)

    def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
        seen.extend(batch.tolist())
        return inner(batch, draw)

    list(Descent(network, 20, loss, replace(PLAN, epochs=2), Machine()).epochs())
    assert sorted(seen[:20]) == sorted(seen[20:]) == list(range(20))
    assert seen[:20] != seen[20:], "the same order in every epoch"


@pytest.mark.parametrize("words", ["CUDA out of memory. Tried to allocate", "DefaultCPUAllocator: not enough memory: you tried"])
def test_out_of_memory_halves_the_batch_and_says_so(words: str) -> None:
    network, notes, sizes = Line(), list[str](), list[int]()
    inner = squares(network)

    def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
        if len(batch) > 2:
            raise RuntimeError(words)
        sizes.append(len(batch))
        return inner(batch, draw)

    list(Descent(network, 20, loss, PLAN, Machine(note=notes.append)).epochs())
    assert [note.split(": ")[1].split(",")[0] for note in notes] == [
        "batches are now learned 4 examples at a time",
        "batches are now learned 2 examples at a time",
    ]
    assert max(sizes) == 2
    torch.testing.assert_close(network.weight.detach(), learned(), rtol=1e-5, atol=1e-6)


def test_no_memory_for_one_example_fails_in_words() -> None:
    def loss(_batch: Tensor, _draw: torch.Generator) -> tuple[Tensor, int]:
        raise MemoryError

    with pytest.raises(TrainingFailed) as failure:
        list(Descent(Line(), 20, loss, PLAN, Machine()).epochs())
    assert "memory" in failure.value.what
    assert failure.value.fix


def test_other_failures_are_not_taken_for_memory() -> None:
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))

    def loss(_batch: Tensor, _draw: torch.Generator) -> tuple[Tensor, int]:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        list(Descent(Line(), 20, loss, PLAN, Machine()).epochs())


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_names_epoch_and_batch(bad: float) -> None:
    network, calls = Line(), 0
    inner = squares(network)

    def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
        nonlocal calls
        calls += 1
        found, terms = inner(batch, draw)
        return (found * bad if calls == 5 else found), terms  # three batches an epoch: the second of epoch 2

    before: list[Tensor] = []

    def keep(_epoch: int, _make: Callable[[], dict[str, Tensor]]) -> None:
        before.append(network.weight.detach().clone())

    with pytest.raises(TrainingFailed) as failure:
        list(Descent(network, 20, loss, PLAN, Machine(checkpoint=keep)).epochs())
    assert "epoch 2, batch 2" in failure.value.what
    assert torch.equal(network.weight.detach(), before[-1]), "the bad step was taken"


def test_a_batch_without_terms_takes_no_step() -> None:
    network = Line()
    (epoch,) = Descent(network, 4, lambda batch, draw: (torch.zeros(()), 0), Plan(1, 4, 0.1), Machine()).epochs()
    assert epoch.loss == 0.0
    assert torch.equal(network.weight, Line().weight)


def test_stopping_is_asked_before_every_step() -> None:
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        learned(machine=Machine(stop_if_asked=stop))
    assert asked == 5


@pytest.mark.parametrize("at", range(5))
def test_going_on_in_the_middle_of_an_epoch_is_bit_equal(at: int) -> None:
    """With dropout, shuffling and warm-up, from every checkpoint of three epochs of three steps."""
    plan = replace(PLAN, warmup_steps=5)
    whole = learned(plan, dropout=0.5)
    states: list[dict[str, Tensor]] = []
    learned(plan, Machine(checkpoint=lambda _epoch, make: states.append(make())), dropout=0.5)
    assert len(states) == 6  # after every step but the last of an epoch, whose report is a checkpoint too
    assert torch.equal(learned(plan, Machine(resume=states[at]), dropout=0.5), whole)


def test_a_state_is_a_copy() -> None:
    network = Line()
    descent = Descent(network, 20, squares(network), PLAN, Machine())
    epochs = descent.epochs()
    next(epochs)
    kept = descent.state()
    before = kept["network.weight"].clone()
    next(epochs)
    assert torch.equal(kept["network.weight"], before)


def test_smaller_batches_after_memory_ran_out_are_remembered() -> None:
    network = Line()
    inner = squares(network)

    def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
        if len(batch) > 4:
            raise MemoryError
        return inner(batch, draw)

    states: list[dict[str, Tensor]] = []
    machine = Machine(checkpoint=lambda _epoch, make: states.append(make()))
    list(Descent(network, 20, loss, replace(PLAN, epochs=1), machine).epochs())
    notes: list[str] = []
    again = Line()
    list(Descent(again, 20, squares(again), PLAN, Machine(resume=states[0], note=notes.append)).epochs())
    assert states[0]["counter"][-1] == 2
    assert notes == []


def test_seeds_shuffle_differently() -> None:
    assert not torch.equal(learned(machine=Machine(seed=1)), learned(machine=Machine(seed=2)))
    assert torch.equal(learned(machine=Machine(seed=1)), learned(machine=Machine(seed=1)))


def test_the_caller_keeps_the_random_state() -> None:
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    learned(dropout=0.5)
    assert torch.equal(torch.rand(3), expected)


def test_bf16_where_asked() -> None:
    assert uses_bf16("cpu", "bf16")
    assert not uses_bf16("cpu", "fp32")
    coarse, fine = learned(machine=Machine(precision="bf16")), learned()
    assert coarse.dtype == torch.float32
    assert not torch.equal(coarse, fine)
    np.testing.assert_allclose(coarse.numpy(), fine.numpy(), atol=0.02)
