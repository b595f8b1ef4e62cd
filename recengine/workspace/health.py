"""Health checks of a variant: run as a job on its stored lists, kept beside it, judged by thresholds that can be changed."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine import artefacts
from recengine.errors import BadInput, Corrupt
from recengine.explain.titles import item_title
from recengine.types import Estimate
from recengine.types.health import HealthCheck, HealthExample, HealthResult, HealthView
from recengine.workspace.context import Context
from recengine.workspace.funnel import from_json
from recengine.workspace.kept import keep_json, kept_json
from recengine.workspace.policy_lists import ranked_by_policy, ready_policy
from recengine.workspace.policy_tuning import pool_lists, pool_of
from recengine.workspace.replay import named_policy
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.data.events import EventLog
    from recengine.data.histories import Histories
    from recengine.evaluation.health.base import Check, Examined, Instance
    from recengine.jobs.runner import JobContext
    from recengine.policy.policy import PolicySpec
    from recengine.workspace.policies import Policies

NAME, KIND = "health", "health"
SAMPLE, MOST_ASKED = 200, 5_000
WORST = ("red", "amber", "green", "none")


class Health:
    """Whether a variant's lists make sense to somebody who knows the shop."""

    def __init__(self, context: Context, policies: Policies) -> None:
        self._context, self._policies = context, policies

    def checks(self) -> tuple[HealthCheck, ...]:
        """Every check with its question and its thresholds, in the order of display."""
        from recengine.evaluation.health.registry import checks

        changed = self._thresholds()
        return tuple(_card(check, changed.get(key)) for key, check in checks().items())

    def set_thresholds(self, key: str, amber: float | None = None, red: float | None = None) -> HealthCheck:
        """Judge a check by other thresholds from now on, in this workspace; without numbers by the defaults again.

        What was measured stays and is judged anew.

        Raises:
            NotFound: unknown check.
            BadInput: one number without the other, no finite number, or red on the good side of amber.
        """
        from recengine.evaluation.health.registry import check_of

        check, kept = check_of(key), self._thresholds()
        kept.pop(key, None)
        if amber is not None or red is not None:
            if amber is None or red is None or not (math.isfinite(amber) and math.isfinite(red)):
                raise BadInput("A threshold is missing.", f"{check.title} needs amber and red.", "Give two numbers.")
            if (red < amber) if check.higher_is_worse else (red > amber):
                raise BadInput("Red lies on the good side of amber.", f"Amber {amber:g}, red {red:g}.", "Swap the two numbers.")
            kept[key] = (float(amber), float(red))
        with artefacts.told_when_disk_fails():
            artefacts.write_atomically(self._file, json.dumps(kept, allow_nan=False).encode())
        return _card(check, kept.get(key))

    def result(self, variant: str) -> HealthView | None:
        """What was measured last, judged by the thresholds of now; None when it never was. Raises NotFound."""
        found = kept_json(self._context, variant, NAME)
        if found is None:
            return None
        cards, view = {card.key: card for card in self.checks()}, from_json(HealthView, found)
        return _judged(view, cards)

    def submit(self, variant: str, k: int = 10, shoppers: int = SAMPLE) -> str:
        """Queue the checks; returns the job's id."""
        info = self._context.variants.info(variant)
        _check(k, shoppers)
        return self._context.jobs.submit(KIND, {"variant": variant, "k": k, "shoppers": shoppers}, f"Health of {info.name}")

    def run_job(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""
        view = self.run(arguments["variant"], int(arguments["k"]), int(arguments["shoppers"]), job=job)
        return {"checked": view.variant, "verdict": view.verdict}

    def run(self, variant: str, k: int = 10, shoppers: int = SAMPLE, seed: int = 0, job: JobContext | None = None) -> HealthView:
        """Measure every check of a variant, and keep the result.

        Args:
            variant: id of a variant.
            k: places of each stored list that are looked at, 1 to 200.
            shoppers: whose lists the variant is asked for, at most; the stored lists are looked at whole.
            seed: of the sample and of the intervals.
            job: told how far it is, and asked whether to stop.

        Raises:
            NotFound: unknown variant.
            BadInput: k or shoppers outside their range.
            Cancelled: the job was asked to stop; what was kept before stays.

        Cost: some ten thousand lists looked at, some 2,000 asked for: about 5 s for a shop of 4,000 items.
        """
        _check(k, shoppers)
        if job is not None:
            job.progress(0.0, "Opening the variant")
        view = self._measured(variant, self._examined(variant, k, shoppers, seed, None), "", job)
        if job is not None:
            with job.fence():
                keep_json(self._context, variant, NAME, asdict(view))
        else:
            keep_json(self._context, variant, NAME, asdict(view))
        return view

    def under_policy(self, variant: str, policy: str | dict[str, Any] | PolicySpec, k: int = 10, shoppers: int = SAMPLE) -> HealthView:
        """The same checks of the lists that a policy makes of a variant; remembered, not kept.

        Args:
            variant: id of a variant.
            policy: id of a saved policy (its live version, else the newest), or a policy itself.
            k: places of each list that are looked at, 1 to 200.
            shoppers: whose lists are asked for, at most.

        Raises:
            NotFound: unknown variant or policy.
            BadInput: k or shoppers outside their range, or a policy that makes no sense.

        Cost: as `run`, and the policy's lists of all held-out shoppers: about 0.3 s for 10,000.
        """
        _check(k, shoppers)
        name, spec = named_policy(self._policies, policy)
        key = ("health", variant, spec.model_dump_json(), k, shoppers)
        view = self._context.views.get(key, lambda: self._measured(variant, self._examined(variant, k, shoppers, 0, spec), name, None))
        return _judged(view, {card.key: card for card in self.checks()})

    def _measured(self, variant: str, examined: Examined, policy: str, job: JobContext | None) -> HealthView:
        from recengine.evaluation.health.registry import checks

        start, every = time.monotonic(), checks()
        dataset = self._context.dataset(self._context.variants.info(variant).dataset_id)
        cards, results = {card.key: card for card in self.checks()}, []
        for done, (key, check) in enumerate(every.items()):
            if job is not None:
                job.check()
                job.progress((done + 1) / (len(every) + 1), check.title)
            results.append(_answered(check, cards[key], examined, dataset))
        sizes, when = (examined.k, len(examined.lists), examined.sample), iso(time.time())
        return HealthView(variant, *sizes, when, time.monotonic() - start, tuple(results), _worst(results), policy)

    def _examined(self, variant: str, k: int, shoppers: int, seed: int, spec: PolicySpec | None) -> Examined:
        """The stored lists as of the test cut, and the way to ask the variant as it answers now."""
        from recengine.evaluation.health.base import Examined

        loaded = self._context.loaded(variant)
        pool = pool_of(self._context, variant)
        catalogue, weights = loaded.dataset.catalogue, loaded.dataset.log.weight_of_code
        policy = None if spec is None else ready_policy(self._context, loaded.dataset.id, spec)

        def ask(histories: Histories, length: int) -> np.ndarray:
            asked = replace(histories, weight_of_code=weights)
            if policy is not None:
                made = ranked_by_policy(loaded, asked, length, policy).item_codes
            else:
                seen = asked.had(len(catalogue))
                made = loaded.model.recommend(asked, length, exclude=seen, allow=catalogue.sellable).item_codes
            return np.pad(made, ((0, 0), (0, length - made.shape[1])), constant_values=-1)

        past = past_of(self._context, loaded.record.dataset_id, loaded.record.split_kind)
        lists = pool.items[:, :k] if spec is None else pool_lists(self._context, variant, spec, k)[1].item_codes
        lists = np.ascontiguousarray(lists)
        return Examined(lists, pool.targets, past, catalogue, pool.vectors, ask, loaded.model.can.order, seed, shoppers)

    @property
    def _file(self) -> Any:
        return self._context.settings.workspace / "health.json"

    def _thresholds(self) -> dict[str, tuple[float, float]]:
        """Check → amber and red, only what somebody changed."""
        try:
            kept = json.loads(self._file.read_bytes())
            return {str(key): (float(amber), float(red)) for key, (amber, red) in kept.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            raise Corrupt(
                "The thresholds of the health checks cannot be read.", f"{self._file.name} is damaged.", "Delete the file."
            ) from None


def past_of(context: Context, dataset_id: str, split_kind: str) -> EventLog:
    """What the judged models had learned from; remembered."""
    from recengine.data.split import leave_last_out, time_split

    def cut() -> EventLog:
        dataset = context.dataset(dataset_id)
        log = dataset.products_log
        return (time_split(log, dataset.catalogue.sellable) if split_kind == "time" else leave_last_out(log)).past

    return context.views.get(("past", dataset_id, split_kind), cut)


def _card(check: Check, changed: tuple[float, float] | None) -> HealthCheck:
    amber, red = changed or (check.amber, check.red)
    words = (check.key, check.title, check.question, check.meaning, check.unit)
    return HealthCheck(*words, amber, red, check.higher_is_worse, check.reason, changed is not None)


def _answered(check: Check, card: HealthCheck, examined: Examined, dataset: Dataset) -> HealthResult:
    from recengine.evaluation.health.base import verdict_of

    start = time.monotonic()
    obstacle = check.obstacle(examined)
    if obstacle:
        return HealthResult(card, Estimate(math.nan, math.nan, math.nan, 0), "none", obstacle, (), 0.0)
    found = check.measure(examined)
    estimate = Estimate(found.estimate.value, found.estimate.low, found.estimate.high, found.estimate.n)
    verdict = verdict_of(estimate, card.amber, card.red, card.higher_is_worse)
    examples = tuple(_example(instance, examined, dataset) for instance in found.instances)
    return HealthResult(card, estimate, verdict, found.detail, examples, time.monotonic() - start)


def _example(instance: Instance, examined: Examined, dataset: Dataset) -> HealthExample:
    user = int(examined.targets.histories.user_codes[instance.row]) if instance.row >= 0 else -1
    shopper = str(dataset.users.ids[user]) if user >= 0 else ""
    named = [("", "") if c < 0 else (str(dataset.catalogue.vocabulary.ids[c]), item_title(dataset.catalogue, c)) for c in _codes(instance)]
    return HealthExample(shopper, *named[0], *named[1], instance.text)


def _codes(instance: Instance) -> tuple[int, int]:
    return instance.item, instance.other


def _judged(view: HealthView, cards: Mapping[str, HealthCheck]) -> HealthView:
    """The same values under the thresholds of now; checks that are gone are left out."""
    from recengine.evaluation.health.base import verdict_of

    results = []
    for row in view.results:
        card = cards.get(row.check.key)
        if card is not None:
            verdict = verdict_of(row.estimate, card.amber, card.red, card.higher_is_worse)
            results.append(replace(row, check=card, verdict=verdict))
    return replace(view, results=tuple(results), verdict=_worst(results))


def _worst(results: list[HealthResult]) -> str:
    found = {row.verdict for row in results}
    return next((verdict for verdict in WORST if verdict in found), "none")


def _check(k: int, shoppers: int) -> None:
    if not 1 <= k <= 200:
        raise BadInput(f"Lists cannot have {k} items here.", "", "Choose a length from 1 to 200.")
    if not 1 <= shoppers <= MOST_ASKED:
        raise BadInput(f"A variant cannot be asked for {shoppers:,} lists here.", "", f"Choose 1 to {MOST_ASKED:,}.")
