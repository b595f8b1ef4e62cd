"""Views of policies: what is saved, which version is live, what rules say and what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from recengine.types.base import Estimate, said
from recengine.types.training import ConfigField


@dataclass(frozen=True)
class PolicyUse:
    """Which policy shapes a list, in which scene, on which day; None in its place means: by score alone."""

    spec: str = said("The whole policy as JSON; empty = whatever is published when it is asked for.", default="")
    scene: str = said("Where the list is shown: home, product, cart or email.", default="home")
    day: date | None = said("Day on which it is shown; none = the day after the last event.", default=None)
    policy: str = said("Id of the saved policy; empty for one that is not saved.", default="")
    version: int | None = said("Its version; none for one that is not saved.", default=None)
    name: str = said("Name of the saved policy.", default="")
    hour: int | None = said("Hour of that day, UTC, for models that look at the clock; none = that of the last event.", default=None)

    @staticmethod
    def of(
        spec: dict[str, Any],
        scene: str = "home",
        day: date | None = None,
        policy: str = "",
        version: int | None = None,
        name: str = "",
        hour: int | None = None,
    ) -> PolicyUse:
        """From a policy as form fields or JSON."""
        return PolicyUse(json.dumps(spec, sort_keys=True), scene, day, policy, version, name, hour)

    @staticmethod
    def of_diversity(diversity: float) -> PolicyUse | None:
        """The policy of the diversity slider alone; None where it stands at 0."""
        return PolicyUse.of({"reranker": "mmr", "settings": {"diversity": float(diversity)}}) if diversity else None

    @property
    def content(self) -> dict[str, Any]:
        """The policy as JSON data; a copy."""
        return json.loads(self.spec) if self.spec else {}


PUBLISHED = PolicyUse()  # whatever is live when it is asked for; by score alone where nothing is


@dataclass(frozen=True)
class RerankerCard:
    name: str = said("Name of the reranker.")
    title: str = said("The reranker in words.")
    summary: str = said("What it does, in one sentence.")
    source: str = said("Paper or formula.")
    strength: str = said("The setting that its slider moves; empty where there is none.")
    fields: tuple[ConfigField, ...] = said("Its settings as form fields.")


@dataclass(frozen=True)
class PolicyProblem:
    kind: str = said("never, conflict, field, scope, empty, short, unplaced, unmet or exceeded.")
    text: str = said("What is wrong, in words.")
    text_zh: str = said("The same in Chinese.")
    rules: tuple[str, ...] = said("Ids of the rules it is about.", default=())


@dataclass(frozen=True)
class RuleField:
    name: str = said("Name of the field.")
    kind: str = said("text, number or date.")
    operators: tuple[str, ...] = said("How it can be compared.")
    values: tuple[str, ...] = said("Texts that occur, the most frequent first, at most 500; empty for numbers and dates.", default=())


@dataclass(frozen=True)
class RuleView:
    id: str = said("Id of the rule inside its policy.")
    name: str = said("Its name; its sentence where it has none.")
    sentence: str = said("What the rule does, in words.")
    sentence_zh: str = said("The same in Chinese.")
    items: int = said("Items of the catalogue that it means.")
    examples: tuple[str, ...] = said("Titles of the most popular of them.")
    in_force: bool = said("It holds in the chosen scene on the chosen day.")
    form: dict[str, Any] = said("The rule as form fields.")


@dataclass(frozen=True)
class ReadRule:
    form: dict[str, Any] = said("What was understood, as form fields.")
    unknown: tuple[str, ...] = said("Parts of the sentence that were not understood.")
    missing: tuple[str, ...] = said("Fields that the sentence leaves open.")
    sentence: str = said("What was understood, said back; empty while something is missing.")
    sentence_zh: str = said("The same in Chinese.")


@dataclass(frozen=True)
class PolicyVersion:
    version: int = said("Number of the version, from 1.")
    state: str = said("draft, scheduled, published, or past: it was published before.")
    who: str = said("Who saved it.")
    saved: str = said("When it was saved, ISO, UTC.")
    note: str = said("What was changed, in the words of whoever saved it.")
    starts: str = said("When it is to be, or was, published, ISO, UTC; empty for drafts.")
    spec: dict[str, Any] = said("The whole policy.")


@dataclass(frozen=True)
class PolicyDetail:
    id: str = said("Id of the policy.")
    name: str = said("Display name.")
    dataset: str = said("Id of the dataset version it is for.")
    created: str = said("When it was first saved, ISO, UTC.")
    live: int | None = said("Version that exports and the service use now; none before the first is published.")
    latest: int = said("Newest version.")
    versions: tuple[PolicyVersion, ...] = said("All versions, newest first.")
    diversity: float = said("Setting of the reranker's slider in the live version, or in the newest; 0 where it has none.")


@dataclass(frozen=True)
class PolicyDraft:
    id: str = said("Id of the draft.")
    dataset: str = said("Id of the dataset version it is for.")
    policy: str = said("Id of the policy it began from; empty where none was chosen.")
    version: int = said("Version it began from, 0 where there was none.")
    spec: dict[str, Any] = said("The whole policy as it is now.")
    steps: int = said("Changes that can be undone.")
    changed: str = said("When it was changed last, ISO, UTC.")


@dataclass(frozen=True)
class PolicyDifference:
    part: str = said("reranker, setting, control, limit, rule or policy.")
    name: str = said("Name of the setting or control; id of the rule; number of the limit.")
    before: Any = said("What it was; none where it is new.")
    after: Any = said("What it is; none where it is gone.")


@dataclass(frozen=True)
class PolicyChange:
    who: str = said("Who made the change.")
    when: str = said("When, ISO, UTC.")
    what: str = said("What was done.")
    version: int | None = said("Version it was done to.")
    before: dict[str, Any] | None = said("What it was before.")
    after: dict[str, Any] | None = said("What it was after.")
    changed: tuple[str, ...] = said("Names of the parts that differ.")


@dataclass(frozen=True)
class PolicyTerm:
    key: str = said("Name of the step: a control, rule:<id>, weight, like, share, turn, near, limit, order or pin.")
    name: str = said("The step in words.")
    name_zh: str = said("The same in Chinese.")
    contribution: float = said("What it adds to the score.")
    other: str = said("Id of the item, or name of the group, it refers to; empty where there is none.", default="")
    amount: float | None = said("Likeness to that item, or share or number of that group.", default=None)


@dataclass(frozen=True)
class PolicyPlace:
    item: str = said("Item id.")
    score: float = said("The variant's score.")
    final: float = said("The score after the policy; score + terms = final to 1e-6.")
    rank_by_score: int = said("Place by score alone, 0 where only a pin brought the item in.")
    added: bool = said("Only a pin brought the item in; the variant did not offer it.")
    terms: tuple[PolicyTerm, ...] = said("What moves the score to the final one, largest first.")
    title: str = said("Item title.", default="")
    category: str = said("Category of the item.", default="")
    price: float | None = said("Price, none where unknown.", default=None)


@dataclass(frozen=True)
class PolicyStep:
    key: str = said("reranker, control:<name>, limit:<number from 0> or rule:<id>.")
    name: str = said("The step in words; empty for limits.")
    name_zh: str = said("The same in Chinese.")
    kind: str = said("moved: it moved items; removed: it took items away.")
    places: int = said(
        "Moved: places that hold another item than by score and in which it had a part. Removed: places by score it empties."
    )
    of: int = said("Places of all lists.")


@dataclass(frozen=True)
class ExposureChange:
    key: str = said("Item id, or name of the category or brand.")
    title: str = said("Title or name.")
    before: int = said("Places in all lists under the other policy.")
    after: int = said("Places in all lists under this policy.")
    change: Estimate = said("Places gained, with its 95 % interval over the same shoppers.")


@dataclass(frozen=True)
class PolicyPoint:
    variant: str = said("Id of the variant.")
    k: int = said("Length of the lists.")
    metrics: dict[str, Estimate] = said("Shop-wide figures under the policy, with 95% intervals.")
    n_shoppers: int = said("Held-out shoppers measured.")
    lists_changed: int = said("Shoppers whose list holds other items than the list by score alone.")
    problems: tuple[PolicyProblem, ...] = said("Rules that contradict each other or have no effect; lists that are empty or short.")
    protocol: str = said("The protocol in one sentence.")


@dataclass(frozen=True)
class PolicyEffect:
    now: PolicyPoint = said("Figures of this policy.")
    before: PolicyPoint = said("Figures of the policy it is held against.")
    change: dict[str, Estimate] = said("How much each figure rises, with 95 % intervals over the same shoppers.")
    lists_changed: int = said("Shoppers whose list holds other items.")
    order_changed: int = said("Shoppers whose list holds the same items in another order.")
    steps: tuple[PolicyStep, ...] = said("What each step of the policy did.")
    test_shoppers: int = said("Held-out shoppers of the variant; more than are measured where a draw of them is.")


@dataclass(frozen=True)
class CurvePoint:
    value: float = said("Setting of the control.")
    metrics: dict[str, Estimate] = said("Shop-wide figures at it, with 95 % intervals.")
    lists_changed: int = said("Shoppers whose list holds other items than by score alone.")


@dataclass(frozen=True)
class PolicyCurve:
    variant: str = said("Id of the variant.")
    control: str = said("What is varied: setting:<name> or control:<name>.")
    k: int = said("Length of the lists.")
    points: tuple[CurvePoint, ...] = said("Rising in the setting.")
    n_shoppers: int = said("Held-out shoppers measured.")
    made: str = said("When it was measured, ISO, UTC.")
