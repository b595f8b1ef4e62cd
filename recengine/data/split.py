"""Splits of a log into what a model may learn from and what it is judged on. Time split by default."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.errors import BadInput

DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Targets:
    """Questions with known answers: B histories and the items each shopper chose afterwards."""

    histories: Histories
    truth_indptr: np.ndarray  # int64 [B + 1]
    truth_items: np.ndarray  # int32 [T], distinct and ascending within a row

    def __len__(self) -> int:
        return len(self.histories)

    def truth(self, row: int) -> np.ndarray:
        """Item codes of one row's answers."""
        return self.truth_items[self.truth_indptr[row] : self.truth_indptr[row + 1]]


@dataclass(frozen=True)
class LeakageReport:
    """What was checked so that nothing after a cut can reach training."""

    newest_training_event_s: int
    oldest_answer_s: int
    events_after_cut_in_training: int  # 0 under a time split; under leave-last-out other shoppers' later events remain
    answers_already_in_history: int
    warning: str  # "" when clean


@dataclass(frozen=True, eq=False)
class Split:
    """`train` and `valid` serve tuning; `past` and `test` give the reported figures."""

    kind: str  # "time" or "leave-last"
    train: EventLog
    valid: Targets
    past: EventLog  # what models are fitted on before they are judged on `test`
    test: Targets
    cut_s: int  # moment of the test cut; 0 under leave-last-out
    leakage: LeakageReport
    summary: str  # one sentence for people


def answer_mask(log: EventLog) -> np.ndarray:
    """bool [n]: events that count as an answer: purchases where the log has any, else everything of positive weight."""
    bought = log.behaviours == BEHAVIOUR_CODE["purchase"]
    return bought if bought.any() else _tells_of_interest(log)


def _tells_of_interest(log: EventLog) -> np.ndarray:
    """bool [n], by the default strengths: what a training gives the behaviours must not change what it is judged on."""
    positive = np.array([BEHAVIOUR_WEIGHT[b] > 0 for b in BEHAVIOURS])
    return positive[log.behaviours]


def time_split(log: EventLog, sellable: np.ndarray, share: float = 0.075) -> Split:
    """Cut the log at two moments: everything after the second is test, between the two is validation.

    Args:
        log: all events.
        sellable: bool [n_items]; items that are no products are never an answer.
        share: length of each window as a share of the whole period.

    Answers are items the shopper did not have before the cut: what a list of new ideas can hit.

    Raises:
        BadInput: no shopper with events before the cut chooses a new item after it.
    """
    if len(log) == 0:
        raise BadInput("This dataset has no events.", "", "Import a file with at least a few weeks of events.")
    first, last = int(log.times_s.min()), int(log.times_s.max()) + 1
    window = max(1, round((last - first) * share))
    cut_valid, cut_test = last - 2 * window, last - window
    train, past = log.keep(log.times_s < cut_valid), log.keep(log.times_s < cut_test)
    valid = window_targets(log, cut_valid, cut_test, sellable)
    test = window_targets(log, cut_test, last, sellable)
    if len(test) == 0:
        raise BadInput(
            "This data cannot be split over time.",
            "No shopper with earlier events chooses a new item in the last part of the period.",
            "Import a longer period, or choose the split leave-last.",
        )
    leak = LeakageReport(
        newest_training_event_s=int(past.times_s.max()),
        oldest_answer_s=cut_test,
        events_after_cut_in_training=int((past.times_s >= cut_test).sum()),
        answers_already_in_history=_answers_in_history(test),
        warning="",
    )
    period = f"{window / DAY_S:.0f} days" if window >= 2 * DAY_S else f"{window / 3600:.1f} hours"
    text = f"Learned before {np.datetime64(cut_test, 's').astype('datetime64[D]')}, judged on the {period} after: {len(test):,} shoppers."
    return Split("time", train, valid, past, test, cut_test, leak, text)


def leave_last_out(log: EventLog) -> Split:
    """Each shopper's last event of interest is the test answer, the one before it the validation answer; what came before is learned from.

    The protocol of the SASRec and BERT4Rec papers; other shoppers' later events remain in training, and the report says so. A return,
    a dislike or a mere impression is never an answer: between the two answers it belongs to the question, after the last it is left out.

    Raises:
        BadInput: nobody has three events that tell of interest.
    """
    telling = np.flatnonzero(_tells_of_interest(log))
    ends = np.searchsorted(telling, log.indptr)  # [n_users + 1], places in `telling`
    lengths = np.diff(ends)
    users = np.flatnonzero(lengths >= 3)
    if len(users) == 0:
        raise BadInput(
            "Leave-last-out needs shoppers with three events that tell of interest.",
            f"The longest history has {lengths.max(initial=0)}.",
            "Import more events.",
        )
    first_answer = log.indptr[1:].copy()  # of each shopper; what stands before it is learned from
    first_answer[users] = telling[ends[users + 1] - 2]
    train = log.keep(np.arange(len(log)) < first_answer[log.user_codes])
    valid = _before(log, users, first_answer[users])
    answer = telling[ends[users + 1] - 1]
    test = _before(log, users, answer)
    oldest = int(log.times_s[answer].min())
    late = int((train.times_s >= oldest).sum())
    leak = LeakageReport(
        int(train.times_s.max()),
        oldest,
        late,
        _answers_in_history(test),
        f"Leave-last-out: {late:,} training events of other shoppers are later than the earliest answer. "
        "Compare with published figures only.",
    )
    return Split("leave-last", train, valid, train, test, 0, leak, f"Each shopper's last item is the answer: {len(test):,} shoppers.")


def window_targets(log: EventLog, start_s: int, end_s: int, sellable: np.ndarray, answers: np.ndarray | None = None) -> Targets:
    """Shoppers known before `start_s` who choose something new and sellable in [start_s, end_s); what they were only shown is new.

    `answers` (bool [n]) are the events that count as a choice, `answer_mask` by default.
    """
    counts_as_choice = answer_mask(log) if answers is None else answers
    inside = (log.times_s >= start_s) & (log.times_s < end_s) & counts_as_choice & sellable[log.item_codes]
    before = log.times_s < start_s
    n_items = np.int64(log.n_items)
    had = before & log.signs
    seen = np.unique(log.user_codes[had] * n_items + log.item_codes[had])
    pairs = np.unique(log.user_codes[inside] * n_items + log.item_codes[inside])
    pairs = pairs[~np.isin(pairs, seen)]
    known = np.zeros(log.n_users, dtype=bool)
    known[log.user_codes[before]] = True
    pairs = pairs[known[pairs // n_items]]
    users, counts = np.unique(pairs // n_items, return_counts=True)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Targets(Histories.from_log(log, users.astype(np.int32), start_s), indptr, (pairs % n_items).astype(np.int32))


def _before(log: EventLog, users: np.ndarray, answer: np.ndarray) -> Targets:
    """Questions made of all that came before the event `answer` (int [B]) of each shopper in the order of the log."""
    starts = log.indptr[users]
    lengths = answer - starts
    events = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(starts, lengths)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    histories = Histories(
        indptr,
        log.item_codes[events],
        log.behaviours[events],
        log.times_s[events],
        log.times_s[answer],
        users.astype(np.int32),
        log.weight_of_code,
    )
    return Targets(histories, np.arange(len(users) + 1, dtype=np.int64), log.item_codes[answer])


def _answers_in_history(targets: Targets) -> int:
    n_items = np.int64(max(targets.histories.item_codes.max(initial=0), targets.truth_items.max(initial=0)) + 1)
    known = (targets.histories.item_codes >= 0) & targets.histories.signs  # a -1 would read as the last item of the row before
    seen = (targets.histories.row_of_event * n_items + targets.histories.item_codes)[known]
    row_of_answer = np.repeat(np.arange(len(targets)), np.diff(targets.truth_indptr))
    return int(np.isin(row_of_answer * n_items + targets.truth_items, seen).sum())
