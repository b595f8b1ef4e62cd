"""What a policy does to the whole shop, held against another policy: figures, who gains and loses, the curve of one control."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput
from recengine.explain.titles import item_title
from recengine.types.policies import CurvePoint, ExposureChange, PolicyCurve, PolicyEffect, PolicyPoint
from recengine.workspace.context import Cache, Context
from recengine.workspace.funnel import from_json
from recengine.workspace.kept import keep_json, kept_json
from recengine.workspace.policy_spec import parsed, whole
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.jobs.runner import JobContext
    from recengine.policy.policy import PolicySpec
    from recengine.workspace.policy_tuning import Measured

GROUPS = ("item", "category", "brand", "price")
POINTS = 11
KEPT_LISTS = 12
FORM = 2  # of the stored curves; another number and they are measured anew


class PolicyEffects:
    """Policies measured on the held-out shoppers, with the lists as of the test cut."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._measured = Cache(KEPT_LISTS)

    def measure(
        self, variant: str, spec: dict[str, Any] | PolicySpec, k: int = 10, scene: str = "home", day: date | None = None
    ) -> PolicyPoint:
        """Shop-wide figures under a policy, with intervals, and what is wrong with it. Raises NotFound, BadInput."""
        return self._of(variant, spec, k, scene, day).point

    def effect(
        self,
        variant: str,
        spec: dict[str, Any] | PolicySpec,
        against: dict[str, Any] | PolicySpec,
        k: int = 10,
        scene: str = "home",
        day: date | None = None,
    ) -> PolicyEffect:
        """A policy held against another on the same shoppers, with intervals of every change.

        Raises:
            NotFound: unknown variant.
            BadInput: a policy that makes no sense.

        Cost: 0.6 s for 10,000 shoppers; the other policy is remembered.
        """
        from recengine.workspace.policy_tuning import changed_figures, lists_changed

        before, now = self._of(variant, against, k, scene, day), self._of(variant, spec, k, scene, day)
        other, moved = lists_changed(now, before)
        test = len(self._context.pools.get(("pool", variant), lambda: _pool(self._context, variant)).items)
        return PolicyEffect(now.point, before.point, changed_figures(now, before), other, moved, now.steps, test)

    def exposure(
        self,
        variant: str,
        spec: dict[str, Any] | PolicySpec,
        against: dict[str, Any] | PolicySpec,
        by: str = "item",
        k: int = 10,
        scene: str = "home",
        day: date | None = None,
        top: int = 5,
    ) -> tuple[ExposureChange, ...]:
        """Who is shown at more places than under the other policy, largest gain first, then who is shown at fewer.

        Args:
            by: item, category, brand or price; empty where the data has no such groups.
            top: of either direction.

        Raises:
            NotFound: unknown variant.
            BadInput: another grouping, or a policy that makes no sense.
        """
        from recengine.policy.rerankers.base import ShopItems
        from recengine.workspace.policy_tuning import shares_changed

        if by not in GROUPS:
            raise BadInput(f"Exposure cannot be counted by {by[:40]}.", "", f"Choose one of: {', '.join(GROUPS)}.")
        before, now = self._of(variant, against, k, scene, day), self._of(variant, spec, k, scene, day)
        dataset = self._context.variants.info(variant).dataset_id
        catalogue = self._context.dataset(dataset).catalogue
        if by == "item":
            found = shares_changed(now, before, np.arange(len(catalogue)), top)
            return tuple(
                ExposureChange(str(catalogue.vocabulary.ids[g]), item_title(catalogue, g), old, new, change)
                for g, old, new, change in found
            )
        items = self._context.views.get(("groups", dataset), lambda: ShopItems.of(catalogue, self._context.item_vectors(dataset)))
        names = items.names[by]
        found = shares_changed(now, before, items.group(by), top)
        return tuple(ExposureChange(names[g], names[g], old, new, change) for g, old, new, change in found)

    def curve(
        self, variant: str, spec: dict[str, Any] | PolicySpec, control: str, k: int = 10, scene: str = "home", day: date | None = None
    ) -> PolicyCurve | None:
        """Figures at every setting of one control with the rest of the policy as it is; None before `submit_curve` was done.

        Raises:
            NotFound: unknown variant.
            BadInput: a control that this policy does not have.
        """
        name = _curve_name(whole(parsed(spec)), control, k, scene, day)
        found = kept_json(self._context, variant, name)
        return None if found is None else from_json(PolicyCurve, found)

    def submit_curve(
        self, variant: str, spec: dict[str, Any] | PolicySpec, control: str, k: int = 10, scene: str = "home", day: date | None = None
    ) -> str:
        """Queue the measuring of a curve; returns the job's id. Raises as `curve` does."""
        content = whole(parsed(spec))
        _curve_name(content, control, k, scene, day)
        info = self._context.variants.info(variant)
        arguments = {"variant": variant, "spec": content, "control": control, "k": k, "scene": scene, "day": day and day.isoformat()}
        return self._context.jobs.submit("policy-curve", arguments, f"Trade-off of {control.partition(':')[2]} with {info.name}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit_curve`."""
        day = date.fromisoformat(arguments["day"]) if arguments.get("day") else None
        asked = (arguments["variant"], arguments["spec"], arguments["control"], int(arguments["k"]), arguments["scene"], day)
        curve = self.measure_curve(*asked, job=job)
        return {"curve": curve.control, "points": len(curve.points)}

    def measure_curve(
        self,
        variant: str,
        spec: dict[str, Any] | PolicySpec,
        control: str,
        k: int = 10,
        scene: str = "home",
        day: date | None = None,
        job: JobContext | None = None,
    ) -> PolicyCurve:
        """Measure a curve and keep it with the variant. Raises as `curve` does, and Cancelled.

        Cost: eleven policies measured, about 6 s for 10,000 shoppers.
        """
        from recengine.workspace.policy_tuning import measured

        content = whole(parsed(spec))
        name = _curve_name(content, control, k, scene, day)
        start, points, settings = time.monotonic(), [], settings_of(content, control)
        n = 0
        for done, value in enumerate(settings, 1):
            found = measured(self._context, variant, parsed(with_value(content, control, value)), k, scene, day).point
            n = found.n_shoppers
            points.append(CurvePoint(value, found.metrics, found.lists_changed))
            if job is not None:
                job.check()
                left = (time.monotonic() - start) / done * (len(settings) - done)
                job.progress(done / len(settings), f"Setting {done} of {len(settings)}", left)
        curve = PolicyCurve(variant, control, k, tuple(points), n, iso(time.time()))
        if job is not None:
            with job.fence():
                keep_json(self._context, variant, name, asdict(curve))
        else:
            keep_json(self._context, variant, name, asdict(curve))
        return curve

    def _of(self, variant: str, spec: dict[str, Any] | PolicySpec, k: int, scene: str, day: date | None) -> Measured:
        from recengine.workspace.policy_tuning import measured

        content = parsed(spec)
        key = (variant, content.model_dump_json(), k, scene, day)
        return self._measured.get(key, lambda: measured(self._context, variant, content, k, scene, day))


def with_value(spec: dict[str, Any], control: str, value: float) -> dict[str, Any]:
    """The policy with one control, `setting:<name>` of its reranker or `control:<name>`, at another value."""
    part, _, name = control.partition(":")
    key = {"setting": "settings", "control": "controls"}[part]
    return {**spec, key: {**spec[key], name: value}}


def settings_of(spec: dict[str, Any], control: str) -> tuple[float, ...]:
    """Eleven values from the lowest to the highest of a control.

    Raises:
        BadInput: the policy has no such control, or it has no range.
    """
    from recengine.policy.controls import Controls
    from recengine.policy.rerankers.registry import reranker_class
    from recengine.workspace.models import config_field

    part, _, name = control.partition(":")
    kind = {"setting": lambda: reranker_class(spec["reranker"]).Config, "control": lambda: Controls}.get(part)
    fields = kind().model_fields if kind else {}
    field = config_field(name, fields[name]) if name in fields else None
    if field is None or field.type != "float" or field.low is None or field.high is None:
        raise BadInput(f"There is no curve for {control[:60]}.", "The policy has no such control with a range.", "Choose another one.")
    return tuple(round(float(value), 6) for value in np.linspace(field.low, field.high, POINTS))


def _curve_name(spec: dict[str, Any], control: str, k: int, scene: str, day: date | None) -> str:
    """Name of a stored curve: the same whatever the control itself stands at."""
    rest = with_value(spec, control, settings_of(spec, control)[0])
    text = json.dumps([FORM, rest, control, k, scene, str(day)], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:20]
    return "curve-" + digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def _pool(context: Context, variant: str) -> Any:
    from recengine.workspace.tuning import Pool

    return Pool.of(context, variant)
