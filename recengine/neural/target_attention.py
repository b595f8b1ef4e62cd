"""Target attention in a form that factorises: what an event and an item say to each other are dot products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recengine.columns import BEHAVIOURS
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.neural.offsets import Offsets

DAY_S = 86_400
AGES = 40  # kinds of ages: 0 = the newest moment, k = 2^(k-1) to 2^k seconds before it
RANKS = 32  # moments back; the last kind is everything further back
BOUND = 6.0  # logits are bent to stay within ±this, so that exponentials can be added up without care


@dataclass(frozen=True, eq=False)
class Looks:
    """Events of histories as they are looked at: those that tell of interest in known items, the newest of each row."""

    n_rows: int
    row: Tensor  # int64 [e]
    item: Tensor  # int64 [e]
    behaviour: Tensor  # int64 [e]
    age: Tensor  # int64 [e], kind of age
    rank: Tensor  # int64 [e], moments back
    strength: Tensor  # float32 [e]
    event: np.ndarray  # int64 [e], place among all events of the histories


@dataclass(frozen=True, eq=False)
class Padded:
    """Stretches of histories side by side, [b, L]; `used` tells where an event is."""

    item: Tensor  # int64
    behaviour: Tensor  # int64
    moment: Tensor  # int64, number of the moment within the log
    time_s: Tensor  # int64
    strength: Tensor  # float32
    target: Tensor  # float32, weight of the event as an answer, 0 = it is none
    used: Tensor  # bool
    same_moment: bool


@dataclass(frozen=True, eq=False)
class Views:
    """A log cut into stretches to learn from."""

    starts: np.ndarray  # int64 [W]
    asked: np.ndarray  # int64 [W], the first event that is an answer in this stretch
    stops: np.ndarray  # int64 [W]
    item_codes: np.ndarray  # int64 [E]
    behaviours: np.ndarray  # int64 [E]
    moments: np.ndarray  # int64 [E]
    times_s: np.ndarray  # int64 [E]
    weights: np.ndarray  # float32 [E]
    targets: np.ndarray  # float32 [E]
    same_moment: bool

    def __len__(self) -> int:
        return len(self.starts)

    def padded(self, batch: np.ndarray) -> Padded:
        """The stretches `batch` (int64 [b]) side by side."""
        starts, lengths = self.starts[batch], (self.stops - self.starts)[batch]
        place = np.arange(int(lengths.max()))
        used = place < lengths[:, None]
        events = np.where(used, starts[:, None] + place, 0)

        def of(values: np.ndarray) -> Tensor:
            return torch.from_numpy(np.where(used, values[events], 0).astype(values.dtype))

        return Padded(
            of(self.item_codes),
            of(self.behaviours),
            of(self.moments),
            of(self.times_s),
            of(self.weights),
            of(self.targets) * torch.from_numpy(events >= self.asked[batch][:, None]),
            torch.from_numpy(used),
            self.same_moment,
        )


def training_views(log: EventLog, length: int, same_moment: bool, half_life_days: float = 0.0) -> Views:
    """Stretches of at most 2 × `length` events that overlap by half, so that every event is seen with a past.

    An event is an answer in one stretch, the one where it has the longer past, and only where the item is new to the shopper.
    """
    weights = log.weights
    telling = np.flatnonzero(weights > 0)
    users, items, times = log.user_codes[telling].astype(np.int64), log.item_codes[telling].astype(np.int64), log.times_s[telling]
    first = np.zeros(len(telling), dtype=bool)
    first[np.unique(users * np.int64(log.n_items) + items, return_index=True)[1]] = True
    begins = np.flatnonzero(np.concatenate([[True], users[1:] != users[:-1]])) if len(users) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(users))
    count = np.maximum(1, -(-(ends - begins) // length) - 1)
    row = np.repeat(np.arange(len(begins)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    starts = begins[row] + nth * length
    stops = np.minimum(starts + 2 * length, ends[row])
    asked = np.where(nth == 0, starts, starts + length)
    changed = (users[1:] != users[:-1]) | (times[1:] != times[:-1])
    moments = np.concatenate([[0], np.cumsum(changed)]).astype(np.int64) if len(users) else np.zeros(0, np.int64)
    strength = weights[telling]
    fading = np.exp2(-((times.max(initial=0) - times) / DAY_S) / half_life_days) if half_life_days > 0 else 1.0
    answer = np.where(first, np.maximum(strength * fading, 1e-6), 0.0).astype(np.float32)
    return Views(
        starts,
        asked,
        stops,
        items,
        log.behaviours[telling].astype(np.int64),
        moments,
        times,
        strength,
        answer,
        same_moment,
    )


def looks_of(histories: Histories, n_items: int, length: int) -> Looks:
    """The newest `length` events of each row that tell of interest in a known item."""
    rows, weights = histories.row_of_event, histories.weights
    told = np.flatnonzero((weights > 0) & (histories.item_codes >= 0) & (histories.item_codes < n_items))
    upto = np.searchsorted(rows[told], np.arange(len(histories) + 1))
    from_end = upto[rows[told] + 1] - np.arange(len(told))
    told = told[from_end <= length]
    row, times = rows[told], histories.times_s[told]
    ends = np.searchsorted(row, np.arange(len(histories)), side="right") - 1  # place of each row's newest event
    changed = np.concatenate([[0], np.cumsum((row[1:] != row[:-1]) | (times[1:] != times[:-1]))]) if len(told) else np.zeros(0, np.int64)
    newest = ends[row]
    return Looks(
        len(histories),
        torch.from_numpy(row),
        torch.from_numpy(histories.item_codes[told].astype(np.int64)),
        torch.from_numpy(histories.behaviours[told].astype(np.int64)),
        _age(torch.from_numpy(times[newest] - times)),
        torch.from_numpy(changed[newest] - changed).clamp(0, RANKS - 1),
        torch.from_numpy(weights[told].astype(np.float32)),
        told,
    )


def _age(seconds: Tensor) -> Tensor:
    """Kind of age of int64 seconds."""
    return torch.ceil(torch.log2(seconds.clamp(min=0).double() + 1.0)).long().clamp(max=AGES - 1)


class TargetAttention(nn.Module):
    """Keys and values of past items, queries and vectors of items in question, and what age, place and behaviour add to a logit."""

    def __init__(self, n_items: int, width: int, attention_width: int, smoothing: float) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.keys, self.queries = nn.Embedding(n_items, attention_width), nn.Embedding(n_items, attention_width)
        self.values, self.items = nn.Embedding(n_items, width), nn.Embedding(n_items, width)
        for part in (self.keys, self.queries, self.values, self.items):
            nn.init.normal_(part.weight, std=part.embedding_dim**-0.5)
        self.nobody = nn.Parameter(torch.zeros(width))  # what is said of items where no event speaks
        self.offsets = Offsets(n_items)
        # What is older counts less, before anything is learned.
        self.age = nn.Parameter(-0.05 * torch.arange(AGES).float())
        self.rank = nn.Parameter(-0.05 * torch.arange(RANKS).float())
        self.behaviour = nn.Parameter(torch.zeros(len(BEHAVIOURS)))

    def loss(self, batch: Padded, drawn: Tensor, dropout: float, draw: torch.Generator, device: torch.device) -> tuple[Tensor, int]:
        """Softmax cross-entropy of every answer against items drawn for the whole batch; the sum, and the number of answers.

        Args:
            batch: stretches.
            drawn: int64 [N], items to be told apart; those in the stretch do not count.
            dropout: share of events that are not looked at.
            draw: generator on the CPU.
            device: where the parameters are.
        """
        answers = batch.target > 0  # [b, L]
        count = int(answers.sum())
        if count == 0:
            return torch.zeros(()), 0
        weight = self._training_weights(batch, dropout, draw, device)  # [b, L answers, L events]
        items = batch.item.to(device)
        keys, values = self.keys(items), self.values(items)  # [b, L, r], [b, L, d]
        drawn = drawn.to(device)
        mass, said = self._pairs(keys @ self.queries(drawn).T, values @ self.items(drawn).T)  # [b, L, N]
        others = self._score(weight @ mass, weight @ said, self.items(drawn) @ self.nobody, self.offsets(drawn))  # [b, L, N]
        mass, said = self._pairs(self.queries(items) @ keys.mT, self.items(items) @ values.mT)  # [b, L answers, L events]
        own = self._score((weight * mass).sum(2), (weight * said).sum(2), self.items(items) @ self.nobody, self.offsets(items))  # [b, L]
        has = (items.unsqueeze(2) == drawn).logical_and(batch.used.to(device).unsqueeze(2)).any(1, keepdim=True)  # [b, 1, N]
        others = others.float().masked_fill(has, -torch.inf)
        chosen = answers.to(device)
        own, others, strength = own[chosen].float(), others[chosen], batch.target.to(device)[chosen]
        each = functional.softplus(torch.logsumexp(others, 1) - own)  # -log softmax of the own score
        return (strength * each).sum(), count

    def score_all(self, looks: Looks, block: int) -> Tensor:
        """float32 [B, n_items]: scores of every item, `block` past items at a time."""
        n_items, device = len(self.items.weight), self.nobody.device
        weight = self._weights(looks, device)
        present, column = torch.unique(looks.item, return_inverse=True)
        mass, said = (torch.zeros(looks.n_rows, n_items, device=device) for _ in range(2))
        for start in range(0, len(present), block):
            part = present[start : start + block].to(device)
            inside = (column >= start) & (column < start + block)
            at = torch.stack([looks.row[inside], column[inside] - start]).to(device)
            rows = torch.sparse_coo_tensor(at, weight[inside.to(device)], (looks.n_rows, len(part)), check_invariants=False).coalesce()
            mass_here, said_here = self._pairs(self.keys(part) @ self.queries.weight.T, self.values(part) @ self.items.weight.T)
            mass += torch.sparse.mm(rows, mass_here)
            said += torch.sparse.mm(rows, said_here)
        return self._score(mass, said, self.items.weight @ self.nobody, self.offsets.now())

    def shares(self, looks: Looks, asked: Tensor) -> Tensor:
        """float32 [e]: share of each event in the attention for the item `asked` (int64 [B]) of its row."""
        device = self.nobody.device
        items, asked = looks.item.to(device), asked.to(device)[looks.row.to(device)]
        logits = (self.keys(items) * self.queries(asked)).sum(1)  # [e]
        weight = self._weights(looks, device) * self._pairs(logits, logits)[0]
        total = torch.zeros(looks.n_rows, device=device).index_add_(0, looks.row.to(device), weight)
        return weight / (1.0 + total[looks.row.to(device)])

    def _pairs(self, logits: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """What pairs of event and item add to the denominator and the numerator, before the event's own weight."""
        mass = torch.exp(BOUND * torch.tanh(logits.float() / BOUND))
        return mass, mass * values.float()

    def _score(self, mass: Tensor, said: Tensor, nobody: Tensor, offsets: Tensor) -> Tensor:
        return (said + nobody) * (1.0 + mass) ** -self.smoothing + offsets

    def _event(self, behaviour: Tensor, age: Tensor, rank: Tensor) -> Tensor:
        logits = self.behaviour[behaviour] + self.age[age] + self.rank[rank]
        return torch.exp(BOUND * torch.tanh(logits / BOUND))

    def _weights(self, looks: Looks, device: torch.device) -> Tensor:
        """float32 [e]."""
        return looks.strength.to(device) * self._event(looks.behaviour.to(device), looks.age.to(device), looks.rank.to(device))

    def _training_weights(self, batch: Padded, dropout: float, draw: torch.Generator, device: torch.device) -> Tensor:
        """float32 [b, L, L]: weight of every event (last) for every answer: 0 for what comes later, and for the answer's own item."""
        time, moment = batch.time_s, batch.moment
        seen = moment.unsqueeze(1) <= moment.unsqueeze(2) if batch.same_moment else moment.unsqueeze(1) < moment.unsqueeze(2)
        seen = seen & (batch.item.unsqueeze(1) != batch.item.unsqueeze(2)) & batch.used.unsqueeze(1)  # [b, answers, events]
        if dropout > 0:
            seen &= torch.rand(seen.shape, generator=draw) >= dropout
        newest_time = torch.where(seen, time.unsqueeze(1), -(1 << 62)).amax(2, keepdim=True)  # [b, L, 1]
        newest = torch.where(seen, moment.unsqueeze(1), -1).amax(2, keepdim=True)
        age = _age((newest_time - time.unsqueeze(1)).clamp(min=0)).to(device)
        rank = (newest - moment.unsqueeze(1)).clamp(0, RANKS - 1).to(device)
        weight = batch.strength.to(device).unsqueeze(1) * self._event(batch.behaviour.to(device).unsqueeze(1), age, rank)
        return torch.where(seen.to(device), weight, 0.0)
