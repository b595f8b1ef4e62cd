"""Checks of a variant's explanations: measured in a job, kept beside the variant."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from recengine.errors import BadInput
from recengine.types.explanations import FaithfulnessView
from recengine.workspace.context import Context
from recengine.workspace.explanations import Explanations
from recengine.workspace.funnel import from_json
from recengine.workspace.kept import keep_json, kept_json
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.jobs.runner import JobContext

NAME = "faithfulness"
SHOPPERS, MOST = 60, 1_000


class Checks:
    """Whether a variant's explanations are true of it."""

    def __init__(self, context: Context, explanations: Explanations) -> None:
        self._context, self._explanations = context, explanations

    def kept(self, variant: str) -> FaithfulnessView | None:
        """What was measured last; None when it never was. Raises NotFound."""
        found = kept_json(self._context, variant, NAME)
        return None if found is None else from_json(FaithfulnessView, found)

    def submit(self, variant: str, shoppers: int = SHOPPERS) -> str:
        """Queue a check; returns the job's id."""
        info = self._context.variants.info(variant)
        _check(shoppers)
        arguments = {"variant": variant, "shoppers": shoppers}
        return self._context.jobs.submit("check-explanations", arguments, f"Check of the explanations of {info.name}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""
        view = self.check(arguments["variant"], int(arguments["shoppers"]), job=job)
        return {"checked": view.variant, "shoppers": view.shoppers}

    def check(self, variant: str, shoppers: int = SHOPPERS, seed: int = 0, job: JobContext | None = None) -> FaithfulnessView:
        """Measure a variant's explanations on some shoppers, and keep the result.

        Raises:
            NotFound: unknown variant.
            BadInput: shoppers outside 1 … 1,000.
            Cancelled: the job was asked to stop; what was kept before stays.

        Cost: some 300 scores a shopper: 10 s for linear models, a minute or more for large ones.
        """
        _check(shoppers)
        start = time.monotonic()

        def tell(done: int, of: int) -> None:
            if job is not None:
                job.check()
                job.progress(done / of, f"Checked {done:,} of {of:,} shoppers", (time.monotonic() - start) / done * (of - done))

        view = replace(self._explanations.faithfulness(variant, shoppers, seed, tell), made=iso(time.time()))
        if job is not None:
            with job.fence():
                keep_json(self._context, variant, NAME, asdict(view))
        else:
            keep_json(self._context, variant, NAME, asdict(view))
        return view


def _check(shoppers: int) -> None:
    if not 1 <= shoppers <= MOST:
        raise BadInput(f"Explanations cannot be checked on {shoppers:,} shoppers.", "", f"Choose 1 to {MOST:,}.")
