"""Views of health checks and of replay: what was asked of a variant's lists, the answer, and whether it is well."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import Estimate, said


@dataclass(frozen=True)
class HealthCheck:
    key: str = said("Name of the check.")
    title: str = said("Its title.")
    question: str = said("What it asks, in a shop person's words.")
    meaning: str = said("What its value counts.")
    unit: str = said("share, or points for a difference of two shares.")
    amber: float = said("A value beyond it is amber.")
    red: float = said("A value beyond it is red, where the whole interval is beyond amber.")
    higher_is_worse: bool = said("Whether beyond means above.")
    reason: str = said("Why these thresholds.")
    changed: bool = said("Whether somebody set other thresholds than the default.", default=False)


@dataclass(frozen=True)
class HealthExample:
    shopper: str = said("Shopper id; empty where nobody in particular was asked for.")
    item: str = said("Id of the listed item; empty for the list as a whole.")
    title: str = said("Its title.")
    other: str = said("Id of the past item it is about; empty without one.")
    other_title: str = said("Its title.")
    text: str = said("What is seen, in a short sentence.")


@dataclass(frozen=True)
class HealthResult:
    check: HealthCheck = said("The check.")
    estimate: Estimate = said("Its value with the 95% interval; no value where it could not be measured.")
    verdict: str = said("green, amber or red; none where it could not be measured.")
    detail: str = said("Figures behind the value, or why there is none.")
    examples: tuple[HealthExample, ...] = said("Places that show it, the worst first.")
    seconds: float = said("How long it took.")


@dataclass(frozen=True)
class HealthView:
    variant: str = said("Id of the variant.")
    k: int = said("Places of each list that were looked at.")
    shoppers: int = said("Held-out shoppers whose stored lists were looked at.")
    asked: int = said("Shoppers whose lists the variant was asked for, at most.")
    made: str = said("When it was measured, ISO, UTC.")
    seconds: float = said("How long all checks took.")
    results: tuple[HealthResult, ...] = said("One a check, in the order of display.")
    verdict: str = said("The worst verdict of all.")
    policy: str = said("Name of the policy that made the lists; empty for the order of the scores.", default="")


@dataclass(frozen=True)
class ReplayFigure:
    key: str = said("click_through, conversion or revenue, with the way it was estimated.")
    title: str = said("Its title.")
    estimate: Estimate = said("The figure with its 95% interval.")
    unit: str = said("share or money.")
    meaning: str = said("What is divided by what.")
    method: str = said("hits, or snips where impressions were weighted.")
    effective: float = said("Effective sample size: equal impressions that would tell as much; 0 where nothing was weighted.", default=0.0)
    clipped: float = said("Share of the weights that were cut.", default=0.0)
    covered: float = said("Share of the lists' places that the log says something about; 1 where nothing was weighted.", default=1.0)


@dataclass(frozen=True)
class ReplayView:
    variant: str = said("Id of the variant.")
    policy: str = said("Name of the policy, empty without one.")
    k: int = said("Places of each list.")
    shoppers: int = said("Shoppers whose lists were replayed.")
    returning: int = said("Known shoppers who came back after the cut, with or without a choice.")
    first: str = said("First day that was replayed, ISO.")
    last: str = said("Last day that was replayed, ISO.")
    currency: str = said("Sign put before money.")
    figures: tuple[ReplayFigure, ...] = said("What the log can tell.")
    assumptions: tuple[str, ...] = said("What has to hold for the figures to be right.")
    refused: tuple[str, ...] = said("What the log cannot tell, and why.")
