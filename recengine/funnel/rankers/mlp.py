"""A small network over the scaled signals that obeys their directions; Shapley values are sampled, with their standard error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from recengine.funnel.rankers.base import Lesson, RankerCore
from recengine.funnel.rankers.scaled import Scale
from recengine.neural.descent import Descent, Machine, Plan

if TYPE_CHECKING:
    from recengine.funnel.model import FunnelConfig

HIDDEN = (32, 16)
EPOCHS, BATCH, LEARNING_RATE = 8, 1024, 5e-3
FEWEST_STEPS, MOST_EPOCHS = 400, 200  # few rows are read more often
BACKGROUND = 16  # usual rows that stand in for what is not known in a coalition
ORDERS = 2  # orders a background row, each also read backwards
ROWS_AT_ONCE = 16


class Network(nn.Module):
    """tanh layers. Weights of directed signals have the sign of their direction in the first layer, all later weights are positive:

    so the output can only rise (fall) with them, while free signals may bend it either way (Sill, NeurIPS 1997).
    """

    sign: Tensor  # float32 [2 n_signals]

    def __init__(self, directions: np.ndarray) -> None:
        super().__init__()
        sign = np.concatenate([directions, np.zeros_like(directions)])  # flags of the unknown are free
        self.register_buffer("sign", torch.tensor(sign, dtype=torch.float32))
        sizes = (len(sign), *HIDDEN, 1)
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(b, a) * a**-0.5) for a, b in pairwise(sizes))
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(b)) for b in sizes[1:])

    def signed(self) -> list[Tensor]:
        """The weights as they are used, [out, in] a layer."""
        first = torch.where(self.sign.eq(0), self.weights[0], self.sign * self.weights[0].abs())
        return [first, *(weight.abs() for weight in list(self.weights)[1:])]

    def forward(self, inputs: Tensor) -> Tensor:
        for place, (weight, bias) in enumerate(zip(self.signed(), self.biases, strict=True)):
            inputs = nn.functional.linear(inputs, weight, bias)  # [n, out]
            if place < len(HIDDEN):
                inputs = torch.tanh(inputs)
        return inputs.squeeze(-1)  # [n]


@dataclass(frozen=True, eq=False)
class MlpRanker(RankerCore):
    """The fitted network as plain arrays; scored in float64."""

    scale: Scale
    weights: tuple[np.ndarray, ...]  # float64 [out, in] a layer, signs applied
    biases: tuple[np.ndarray, ...]  # float64 [out] a layer
    usual: np.ndarray  # float64 [BACKGROUND, 2 n_signals], inputs of usual candidates
    kind: ClassVar[str] = "mlp"
    exact: ClassVar[bool] = False

    @classmethod
    def fit(cls, lesson: Lesson, config: FunnelConfig, seed: int, stop_if_asked: Callable[[], None]) -> MlpRanker:
        """See the base. Adam on the weighted log loss; its length is fixed, see the constants."""
        del config
        scale = Scale.of(lesson.rows)
        table = np.concatenate(scale(lesson.rows), axis=1)
        inputs = torch.from_numpy(table.astype(np.float32))  # [n, 2 n_signals]
        label = torch.from_numpy(lesson.label.astype(np.float32))
        weight = torch.from_numpy((lesson.weight / lesson.weight.mean()).astype(np.float32))
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            network = Network(lesson.directions)
        chance = float(np.average(lesson.label, weights=lesson.weight))
        with torch.no_grad():
            network.biases[-1].fill_(float(np.log(chance / (1.0 - chance))))

        def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
            del draw
            odds = network(inputs[batch])
            return nn.functional.binary_cross_entropy_with_logits(odds, label[batch], weight[batch], reduction="sum"), len(batch)

        machine = Machine(precision="fp32", seed=seed, stop_if_asked=stop_if_asked)
        steps = -(-len(label) // BATCH)
        epochs = min(max(EPOCHS, -(-FEWEST_STEPS // steps)), MOST_EPOCHS)
        for _ in Descent(network, len(label), loss, Plan(epochs, BATCH, LEARNING_RATE), machine).epochs():
            stop_if_asked()
        rng = np.random.default_rng(seed)
        usual = rng.choice(len(table), BACKGROUND, replace=True, p=lesson.weight / lesson.weight.sum())
        with torch.no_grad():
            weights = tuple(w.numpy().astype(np.float64) for w in network.signed())
            biases = tuple(b.numpy().astype(np.float64) for b in network.biases)
        return cls(scale, weights, biases, table[usual])

    def _forward(self, inputs: np.ndarray) -> np.ndarray:
        """float64 [n]; summed by einsum, whose order does not depend on the number of rows as that of a matrix product may."""
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs = np.einsum("ni,oi->no", inputs, weight) + bias
            if place < len(self.weights) - 1:
                inputs = np.tanh(inputs)
        return inputs[:, 0]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self._forward(np.concatenate(self.scale(rows), axis=1))

    def shap(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See the base. Every order walks from a usual row to the asked one, so each row's sum is exact; only its split is sampled.

        Cost: 2 × 2 × 16 × (n_signals + 1) predictions a row, about 3 ms.
        Source: antithetic permutations, Mitchell et al., JMLR 2022; fixed seed.
        """
        asked = np.concatenate(self.scale(rows), axis=1)
        values, errors = np.zeros((len(asked), asked.shape[1] // 2)), np.zeros((len(asked), asked.shape[1] // 2))
        for row, one in enumerate(asked):
            values[row], errors[row] = self._walk(one)
        return values, errors

    def _walk(self, one: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n = len(one) // 2
        rng = np.random.default_rng(0)
        shares = np.empty((len(self.usual) * ORDERS, n))  # of each pair of orders
        for start in range(0, len(shares), ROWS_AT_ONCE):
            pairs = range(start, min(start + ROWS_AT_ONCE, len(shares)))
            forward = np.array([rng.permutation(n) for _ in pairs])
            orders = np.concatenate([forward, forward[:, ::-1]])  # [2 p, n]
            arrived = np.argsort(orders, axis=1)
            inside = arrived[:, None, :] < np.arange(n + 1)[None, :, None]  # [2 p, n + 1, n]
            usual = self.usual[[pair % len(self.usual) for pair in pairs]]
            mixed = np.where(np.tile(inside, (1, 1, 2)), one, np.tile(usual, (2, 1))[:, None, :])  # [2 p, n + 1, 2 n]
            gains = np.diff(self._forward(mixed.reshape(-1, 2 * n)).reshape(len(orders), n + 1), axis=1)
            each = np.take_along_axis(gains, arrived, axis=1)  # [2 p, n]
            shares[pairs.start : pairs.stop] = 0.5 * (each[: len(forward)] + each[len(forward) :])
        return shares.mean(axis=0), shares.std(axis=0, ddof=1) / np.sqrt(len(shares))

    @property
    def expected(self) -> float:
        return float(self._forward(self.usual).mean())

    def arrays(self) -> dict[str, np.ndarray]:
        layers = {f"weight.{i}": w for i, w in enumerate(self.weights)} | {f"bias.{i}": b for i, b in enumerate(self.biases)}
        return {"knots": self.scale.knots, "usual": self.usual, **layers}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> MlpRanker:
        n = sum(name.startswith("weight.") for name in arrays)
        weights, biases = (tuple(arrays[f"{part}.{i}"] for i in range(n)) for part in ("weight", "bias"))
        return cls(Scale(arrays["knots"]), weights, biases, arrays["usual"])
