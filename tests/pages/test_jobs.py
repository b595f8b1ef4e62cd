"""Jobs & settings: every job with its state and way on, the machine, the policies."""

from __future__ import annotations

import pytest
from page_shops import Shop

from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from ui.words import W


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Jobs stay as the test made them."""
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


def test_cold_page_is_useful(empty_shop, open_page):
    at = open_page("jobs", empty_shop)
    assert not at.exception
    assert W("doctor.title") in [s.value for s in at.subheader]
    assert at.metric
    assert at.button(key="jobs.none").proto.type == "primary"


def test_states_filter_and_ways_on(open_page, shop):
    ws = shop.ws
    waiting = ws.training.submit(TrainingRequest(shop.dataset, "popularity", preset="quick"))
    stopped = ws.training.submit(TrainingRequest(shop.dataset, "popularity", preset="quick", seed=1))
    ws.jobs.cancel(stopped)
    at = open_page("jobs", shop)
    assert not at.exception
    assert at.button(key=f"cancel.jobs.{waiting}")
    assert at.button(key=f"retry.jobs.{stopped}")
    at.segmented_control(key="jobs.state").set_value("stopped").run()
    shown = [b.key for b in at.button if b.key.endswith((waiting, stopped))]  # other tests of this shop leave stopped jobs too
    assert shown == [f"retry.jobs.{stopped}"]
    at.button(key=f"retry.jobs.{stopped}").click().run()
    assert ws.jobs.get(stopped).state == "queued"
    for job in (waiting, stopped):
        ws.jobs.cancel(job)


def test_policies_are_listed_and_deleted(shop: Shop, open_page):
    made = shop.ws.tuning.save_policy(shop.dataset, "Spring <b>*sale*</b>", 0.3)
    at = open_page("jobs", shop)
    assert not at.exception
    assert any("Spring <b>*sale*</b>" in unescaped(m.value) for m in at.markdown)
    assert not any("<b>" in m.value.replace("\\<b\\>", "") for m in at.markdown)
    at.button(key=f"policy.delete.{made.id}").click().run()
    assert not shop.ws.tuning.policies(shop.dataset)
