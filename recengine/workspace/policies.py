"""Policies of a shop: saved as versions, drafted, published, scheduled, reverted; every change is in the audit trail."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.errors import BadInput, NotFound
from recengine.state import AuditTrail, PolicyVersions, SavedPolicy, SavedVersion, check_newest
from recengine.types.policies import (
    PolicyChange,
    PolicyDetail,
    PolicyPlace,
    PolicyPoint,
    PolicyProblem,
    PolicyVersion,
    ReadRule,
    RerankerCard,
    RuleField,
    RuleView,
)
from recengine.types.training import ConfigField
from recengine.workspace.context import Context
from recengine.workspace.families import family
from recengine.workspace.policy_spec import as_read, parsed, whole
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.policy.policy import Policy, PolicySpec
    from recengine.workspace.policy_effects import PolicyEffects

FIRST = 1


class Policies:
    """What decides the lists after the model. One policy of a dataset, in all its versions, is live: the one that was published last."""

    def __init__(self, context: Context, effects: PolicyEffects) -> None:
        self._context, self._effects = context, effects
        self._versions = PolicyVersions(context.policies.database)
        self._audit = AuditTrail(context.policies.database)

    def rerankers(self) -> tuple[RerankerCard, ...]:
        """Every way to rerank, with its settings as form fields."""
        from recengine.policy.rerankers.registry import rerankers
        from recengine.workspace.models import config_field

        return tuple(
            RerankerCard(
                kind.name, kind.title, kind.summary, kind.source, kind.strength,
                tuple(config_field(name, info) for name, info in kind.Config.model_fields.items()),
            )
            for kind in rerankers().values()
        )  # fmt: skip

    def controls(self) -> tuple[ConfigField, ...]:
        """The controls as form fields."""
        from recengine.policy.controls import Controls
        from recengine.workspace.models import config_field

        return tuple(config_field(name, info) for name, info in Controls.model_fields.items())

    def whole(self, spec: dict[str, Any] | PolicySpec) -> dict[str, Any]:
        """A policy with every default written out, as versions keep it. Raises BadInput."""
        return whole(parsed(spec))

    def list(self, dataset: str) -> tuple[PolicyDetail, ...]:
        """Policies of a dataset, oldest first; all versions of its data share them."""
        saved = self._saved(dataset)[::-1]
        now = time.time()
        versions = {row.id: self._of(row) for row in saved}
        live = _live(versions, now)
        return tuple(_detail(row, versions[row.id], live, now) for row in saved)

    def get(self, policy: str) -> PolicyDetail:
        """One policy with all its versions. Raises NotFound."""
        dataset = self._context.policies.get(policy).policy["dataset"]
        return next(row for row in self.list(dataset) if row.id == policy)

    def save(
        self,
        dataset: str,
        name: str,
        spec: dict[str, Any] | PolicySpec,
        who: str = "",
        note: str = "",
        policy: str | None = None,
        base: int | None = None,
    ) -> PolicyDetail:
        """Keep a new draft: of a new policy, or as the next version of `policy`. What is live does not change.

        Nothing is kept when name and content equal the newest version.

        Args:
            base: the version that the content was made from; None = whatever is newest is followed.

        Raises:
            NotFound: unknown dataset or policy.
            BadInput: no name, a policy that makes no sense (the message names the part), or a version after `base`; nothing is kept.
        """
        if not name.strip():
            raise BadInput("The policy has no name.", "", "Write a name, such as Home page.")
        self._context.datasets.info(dataset)
        content = whole(parsed(spec))
        row = {"dataset": dataset, "diversity": _mmr_diversity(content)}
        if policy is None:
            policy = self._context.policies.save(name.strip(), row, who)
            self._versions.add(policy, content, who, note)
            return self.get(policy)
        before = self._context.policies.get(policy)
        if before.policy["dataset"] not in family(self._context, dataset):
            raise BadInput("The policy belongs to another dataset.", f"It is {before.name}.", "Save it under a new name.")
        row["dataset"] = before.policy["dataset"]
        versions = self._kept(before)
        if versions[0].spec != content:
            check_newest(versions[0].version, base)
        if before.name != name.strip() or versions[0].spec != content:
            self._context.policies.save(name.strip(), row, who, policy)
        if versions[0].spec != content:
            self._versions.add(policy, content, who, note, after=base)
        return self.get(policy)

    def publish(self, policy: str, version: int | None = None, who: str = "", at: datetime | None = None) -> PolicyDetail:
        """Make a version (default: the newest) live now, or from a later moment on.

        Raises:
            NotFound: unknown policy or version.
            BadInput: a moment in the past, or a later one for the version that is live: until then nothing of it would be.
        """
        now = time.time()
        starts = now if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        if starts < now - 60:
            raise BadInput("A policy cannot start in the past.", f"The moment given is {iso(starts)}.", "Choose a later one.")
        row = self._context.policies.get(policy)
        chosen = version or self._kept(row)[0].version
        if starts > now:
            live = self.live(row.policy["dataset"])
            if live is not None and (live.id, live.live) == (policy, chosen):
                why = "A schedule would take it off until then."
                raise BadInput("This version is live already.", why, "Save a new version, and schedule that one.")
        self._versions.start(policy, chosen, starts, who)
        return self.get(policy)

    def withdraw(self, policy: str, version: int, who: str = "") -> PolicyDetail:
        """Take a publication or a schedule back: the version is a draft again, and what was live before it is live."""
        self._versions.start(policy, version, None, who)
        return self.get(policy)

    def revert(self, policy: str, version: int, who: str = "") -> PolicyDetail:
        """Publish the content of an earlier version as the newest one. Raises NotFound."""
        row = self._context.policies.get(policy)
        old = next((kept for kept in self._kept(row) if kept.version == version), None)
        if old is None:
            raise NotFound("The policy has no such version.", f"Version {version} is not there.", "Choose one from the list.")
        self._context.policies.save(row.name, {**row.policy, "diversity": _mmr_diversity(old.spec)}, who, policy)
        self._versions.add(policy, old.spec, who, f"Back to version {version}", time.time())
        return self.get(policy)

    def delete(self, policy: str, who: str = "") -> None:
        """Remove a policy with its versions; the audit trail keeps what it was. Raises NotFound."""
        self._context.policies.delete(policy, who)

    def live(self, dataset: str, at: datetime | None = None) -> PolicyDetail | None:
        """The policy that exports and the service use now, or will use at a later moment; None before the first publication."""
        moment = time.time() if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        saved = self._saved(dataset)
        versions = {row.id: self._of(row) for row in saved}
        live = _live(versions, moment)
        return next((_detail(row, versions[row.id], live, moment) for row in saved if live and row.id == live.policy), None)

    def live_spec(self, dataset: str) -> PolicySpec:
        """What is live; the order of the scores where nothing is."""
        found = self.live(dataset)
        return parsed(next(row.spec for row in found.versions if row.version == found.live) if found else {})

    def changes(self, policy: str, limit: int = 200) -> tuple[PolicyChange, ...]:
        """Who changed what, when, from what to what; newest first. Answers for deleted policies too."""
        found = self._audit.about(f"policy {policy}", limit)
        return tuple(_change(row.who, row.t_s, row.what.partition(policy)[2].strip(), row.before, row.after) for row in found)

    def rules(self, dataset: str, spec: dict[str, Any], scene: str = "home", day: date | None = None) -> tuple[RuleView, ...]:
        """Every rule said back in words, with the items it means."""
        from recengine.workspace.policy_lists import rule_views

        return rule_views(self._policy(dataset, spec, scene, day))

    def problems(self, dataset: str, spec: dict[str, Any], scene: str = "home", day: date | None = None) -> tuple[PolicyProblem, ...]:
        """What contradicts itself or can never have an effect; empty when all is well."""
        from recengine.policy.checks import problems

        return tuple(PolicyProblem(row.kind, row.text, row.text_zh, row.rules) for row in problems(self._policy(dataset, spec, scene, day)))

    def measure(
        self, variant: str, spec: dict[str, Any] | PolicySpec, k: int = 10, scene: str = "home", day: date | None = None
    ) -> PolicyPoint:
        """Shop-wide figures under a policy on the test shoppers, with intervals. Raises NotFound, BadInput."""
        return self._effects.measure(variant, spec, k, scene, day)

    def places(
        self,
        variant: str,
        shopper: str,
        spec: dict[str, Any] | PolicySpec,
        k: int = 10,
        scene: str = "home",
        day: date | None = None,
        hour: int | None = None,
    ) -> tuple[PolicyPlace, ...]:
        """A shopper's list under a policy, with what moved every item from the variant's score to its final one.

        Args:
            day: when the list is shown; the day after the last event where nothing is said.
            hour: of that day, UTC, for models that look at the clock.

        Raises:
            NotFound: unknown variant or shopper.
            BadInput: a policy that makes no sense.
        """
        from recengine.workspace.lists import history_of
        from recengine.workspace.policy_lists import place_views, ranked_by_policy, ready_policy, shown_at

        content = parsed(spec)

        def make() -> tuple[PolicyPlace, ...]:
            loaded = self._context.loaded(variant)
            policy = ready_policy(self._context, loaded.dataset.id, content, scene, day)
            histories = shown_at(history_of(loaded, shopper, (), None), day, hour)
            return place_views(policy, ranked_by_policy(loaded, histories, k, policy), 0)

        # A page asks for the list under the saved policy again with every move of a slider.
        return self._context.views.get(("places", variant, shopper, content.model_dump_json(), k, scene, day, hour), make)

    def read_rule(self, dataset: str, sentence: str) -> ReadRule:
        """A plain sentence, English or Chinese, as form fields; what was not understood is named, nothing is guessed."""
        from recengine.policy.rules.grammar import names_of, read_rule
        from recengine.policy.rules.words import sentence as said
        from recengine.policy.rules.words_zh import sentence as said_zh

        found = read_rule(sentence, names_of(self._context.dataset(dataset).catalogue))
        rule = found.rule
        return ReadRule(found.form, found.unknown, found.missing, said(rule) if rule else "", said_zh(rule) if rule else "")

    def rule_fields(self, dataset: str) -> tuple[RuleField, ...]:
        """What conditions can ask for in this data, with the names that occur."""
        from recengine.workspace.policy_lists import policy_shop, rule_fields

        return self._context.views.get(("rule fields", dataset), lambda: rule_fields(policy_shop(self._context, dataset)))

    def segments(self, dataset: str) -> tuple[str, ...]:
        """Names of the segments that a rule may be for."""
        from recengine.evaluation.segments import SEGMENTS

        features = {str(value) for value in self._context.dataset(dataset).user_features if value}
        return (*SEGMENTS, *sorted(features - set(SEGMENTS)))

    def write_rules(self, spec: dict[str, Any], out: Path) -> int:
        """Write the rules of a policy as CSV that no spreadsheet runs; returns their number."""
        from recengine.policy.rules.table import write_rules

        rules = parsed(spec).rules
        write_rules(rules, out)
        return len(rules)

    def read_rules(self, file: Path) -> tuple[list[dict[str, Any]], list[str]]:
        """Rules of a CSV as form fields, and in words which lines could not be read and why. Raises BadInput."""
        from recengine.policy.rules.table import read_rules

        rules, rejected = read_rules(file)
        return [rule.model_dump(mode="json", exclude_defaults=True) for rule in rules], rejected

    def _policy(self, dataset: str, spec: dict[str, Any], scene: str, day: date | None) -> Policy:
        from recengine.workspace.policy_lists import ready_policy

        return ready_policy(self._context, dataset, parsed(spec), scene, day)

    def _saved(self, dataset: str) -> list[SavedPolicy]:
        """Newest first."""
        rows = self._context.policies.list()
        ids = family(self._context, dataset) if rows else frozenset()
        return [row for row in rows if row.policy.get("dataset") in ids]

    def _of(self, row: SavedPolicy) -> list[SavedVersion]:
        """Versions of a policy, newest first; a policy of the diversity slider alone is its own first version."""
        found = self._versions.list(row.id) or [_from_slider(row)]
        return [replace(version, spec=as_read(version.spec)) for version in found]

    def _kept(self, row: SavedPolicy) -> list[SavedVersion]:
        """The same, after keeping the first version of a policy that was saved without one."""
        if not self._versions.list(row.id):
            self._versions.add(row.id, _from_slider(row).spec, "", "")
        return self._of(row)


def _from_slider(row: SavedPolicy) -> SavedVersion:
    from recengine.policy.policy import PolicySpec

    spec = whole(PolicySpec.of_diversity(float(row.policy.get("diversity", 0.0))))
    return SavedVersion(row.id, FIRST, spec, "", row.created_s, "", None)


def _diversity(spec: dict[str, Any]) -> float:
    """Setting of the reranker's slider, 0 where it has none."""
    from recengine.policy.rerankers.registry import make_reranker

    reranker = make_reranker(spec.get("reranker", "by-score"), spec.get("settings", {}))
    return float(getattr(reranker.config, reranker.strength)) if reranker.strength else 0.0


def _mmr_diversity(spec: dict[str, Any]) -> float:
    """What the diversity slider, which knows MMR alone, shows for a policy: 0 for other rerankers."""
    return _diversity(spec) if spec.get("reranker") == "mmr" else 0.0


def _live(versions: dict[str, list[SavedVersion]], now: float) -> SavedVersion | None:
    """The version of any policy that was published last."""
    begun = [row for kept in versions.values() for row in kept if row.starts_s is not None and row.starts_s <= now]
    return max(begun, key=lambda row: (row.starts_s or 0.0, row.saved_s, row.version), default=None)


def _detail(row: SavedPolicy, versions: list[SavedVersion], live: SavedVersion | None, now: float) -> PolicyDetail:
    def state(kept: SavedVersion) -> str:
        if kept.starts_s is None:
            return "draft"
        if live is not None and (kept.policy, kept.version) == (live.policy, live.version):
            return "published"
        return "scheduled" if kept.starts_s > now else "past"

    def view(kept: SavedVersion) -> PolicyVersion:
        return PolicyVersion(kept.version, state(kept), kept.who, iso(kept.saved_s), kept.note, iso(kept.starts_s or 0), kept.spec)

    shown = tuple(view(kept) for kept in versions)
    current = next((kept for kept in shown if kept.state == "published"), None)
    diversity = _diversity((current or shown[0]).spec)
    number = current.version if current else None
    return PolicyDetail(row.id, row.name, row.policy["dataset"], iso(row.created_s), number, shown[0].version, shown, diversity)


def _change(who: str, when_s: float, what: str, before: Any, after: Any) -> PolicyChange:
    version = next((int(word) for word in what.split() if word.isdigit()), None)
    old, new = before or {}, after or {}
    changed = tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))
    return PolicyChange(who, iso(when_s), what, version, before, after, changed)
