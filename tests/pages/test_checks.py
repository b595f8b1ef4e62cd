"""The check of a variant's explanations, on its card of the Train page."""

from __future__ import annotations

import pytest

from recengine.errors import BadInput, Cancelled, NotFound


def opened(at, variant: str):
    return at.button(key=f"checks.{variant}").click().run()


def test_a_check_is_offered_and_queued(shop, open_page):
    variant = shop.variants["transitions"]
    at = opened(open_page("train", shop), variant)
    assert not at.exception
    at.button(key="checks.start").click().run()
    assert not at.exception
    job = next(j for j in shop.ws.jobs.list() if j.kind == "check-explanations" and j.arguments["variant"] == variant)
    shop.ws.jobs.cancel(job.id)


def test_what_was_measured_is_kept_and_shown(shop, open_page):
    variant = shop.variants["item-knn"]
    view = shop.ws.checks.check(variant, 25)
    assert shop.ws.checks.kept(variant) == view
    assert view.made
    assert not view.sampled  # a linear model is explained in closed form
    at = opened(open_page("train", shop), variant)
    assert not at.exception
    assert len(at.get("plotly_chart")) >= 2
    gain = view.deletion_gain["random"]
    assert gain.low > 0
    assert any(f"{gain.value:.0%}" in m.value for m in at.markdown)
    assert any(m.value == "Exact" for m in at.metric)


def test_a_cancelled_check_keeps_what_was_there(shop):
    class Job:
        def check(self) -> None:
            raise Cancelled

    variant = shop.variants["popularity"]
    with pytest.raises(Cancelled):
        shop.ws.checks.check(variant, 5, job=Job())
    assert shop.ws.checks.kept(variant) is None
    with pytest.raises(BadInput):
        shop.ws.checks.submit(variant, 0)
    with pytest.raises(NotFound):
        shop.ws.checks.kept("va-nothing")
