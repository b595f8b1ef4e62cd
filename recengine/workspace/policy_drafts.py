"""Unsaved work on policies: kept in the workspace with every step, so that a closed browser loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recengine.errors import NotFound
from recengine.state import PolicyDrafts, SavedDraft
from recengine.types.policies import PolicyDifference, PolicyDraft
from recengine.workspace.context import Context
from recengine.workspace.families import family
from recengine.workspace.policy_spec import as_read, parsed, whole
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.policy.policy import PolicySpec


class Drafts:
    """What people changed and have not saved under a name yet."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept = PolicyDrafts(context.policies.database)

    def get(self, draft: str, dataset: str = "") -> PolicyDraft | None:
        """A draft as it is now; None where it was saved, discarded or never there.

        With `dataset` as work on that version of the data, whichever version of the same dataset it began on.
        """
        found = self._kept.get(draft)
        if found is not None and dataset and found.dataset != dataset and found.dataset in family(self._context, dataset):
            found = replace(found, dataset=dataset)
        return None if found is None else self._view(found)

    def list(self, dataset: str) -> tuple[PolicyDraft, ...]:
        """Drafts of a dataset, the one that was changed last first; all versions of its data share them."""
        found = [row for member in family(self._context, dataset) for row in self._kept.list(member)]
        return tuple(self._view(replace(row, dataset=dataset)) for row in sorted(found, key=lambda row: (-row.saved_s, row.id)))

    def keep(self, draft: str | None, dataset: str, spec: dict[str, Any] | PolicySpec, policy: str = "", version: int = 0) -> PolicyDraft:
        """One more step of a draft, or (None) the first of a new one.

        Raises:
            NotFound: unknown dataset.
            BadInput: a policy that makes no sense; the message names the part, and the draft stays as it was.
        """
        content = whole(parsed(spec))
        self._context.datasets.info(dataset)
        view = self.get(self._kept.add(draft, dataset, policy, version, content))
        assert view is not None
        return view

    def undo(self, draft: str) -> PolicyDraft | None:
        """Take the newest step back; None after the first one, when nothing is left of the draft."""
        self._kept.undo(draft)
        return self.get(draft)

    def discard(self, draft: str) -> None:
        """Forget a draft; nothing happens where there is none."""
        self._kept.drop(draft)

    def _view(self, row: SavedDraft) -> PolicyDraft:
        policy, version = row.policy, row.version
        try:
            if policy:
                self._context.policies.get(policy)
        except NotFound:  # the policy was deleted since: the work on it stays
            policy, version = "", 0
        return PolicyDraft(row.id, row.dataset, policy, version, as_read(row.spec), row.steps, iso(row.saved_s))


def merged(base: dict[str, Any], new: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What somebody made of `base` put on top of what became of it meanwhile, so that no change of either is lost.

    Settings, controls, rules (by id) and limits that differ between `base` and `new` are those of `new`, everything else is that of `now`.
    """
    base, new, now = (whole(parsed(side)) for side in (base, new, now))
    out = dict(now)
    if new["reranker"] != base["reranker"] or now["reranker"] != base["reranker"]:
        mine = new["reranker"] != base["reranker"]
        out |= {name: (new if mine else now)[name] for name in ("reranker", "settings")}
    else:
        out["settings"] = {**now["settings"], **_changed(base["settings"], new["settings"])}
    out["controls"] = {**now["controls"], **_changed(base["controls"], new["controls"])}
    kept = [row for row in now["limits"] if row in new["limits"] or row not in base["limits"]]
    out["limits"] = [*kept, *(row for row in new["limits"] if row not in base["limits"] and row not in kept)]
    old, mine, there = ({row["id"]: row for row in side["rules"]} for side in (base, new, now))
    if old.keys() == there.keys() == mine.keys():
        there = {name: there[name] for name in mine}  # rules that were moved
    edited = _changed(old, mine).keys() & old.keys()
    rules = [mine[name] if name in edited else row for name, row in there.items() if name in mine or name not in old]
    taken = {row["id"] for row in rules}
    more = [row for name, row in mine.items() if name not in old and row not in rules]
    out["rules"] = [*rules, *({**row, "id": ""} if row["id"] in taken else row for row in more)]
    return out


def _changed(base: dict[Any, Any], new: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in new.items() if name not in base or base[name] != value}


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[PolicyDifference, ...]:
    """What differs between two policies, part by part; both are read with every default written out.

    Rules are the same when their ids are; a moved rule alone is no difference. Limits are compared by their place.

    Raises:
        BadInput: one of them makes no sense.
    """
    old, new = whole(parsed(before)), whole(parsed(after))
    out: list[PolicyDifference] = []
    if old["reranker"] != new["reranker"]:
        out.append(PolicyDifference("reranker", "reranker", old["reranker"], new["reranker"]))
        out += _strengths(old, new)
    else:
        out += _fields("setting", old["settings"], new["settings"])
    out += _fields("control", old["controls"], new["controls"])
    out += _fields("limit", *({str(n + 1): row for n, row in enumerate(side["limits"])} for side in (old, new)))
    out += _fields("rule", *({row["id"]: row for row in side["rules"]} for side in (old, new)))
    named = {"reranker", "settings", "controls", "limits", "rules"}
    out += _fields("policy", *({key: value for key, value in side.items() if key not in named} for side in (old, new)))
    return tuple(out)


def _strengths(old: dict[str, Any], new: dict[str, Any]) -> list[PolicyDifference]:
    """The setting that the slider of the new reranker moves; 0 where the old one has none of this name."""
    from recengine.policy.rerankers.registry import reranker_class

    name = reranker_class(new["reranker"]).strength
    return [PolicyDifference("setting", name, old["settings"].get(name, 0.0), new["settings"][name])] if name else []


def _fields(part: str, before: dict[str, Any], after: dict[str, Any]) -> list[PolicyDifference]:
    names = dict.fromkeys([*before, *after])
    return [PolicyDifference(part, name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def rule_sentence(rule: Mapping[str, Any]) -> str:
    """A rule as kept in a policy, said in English. Raises pydantic's error for what is no rule."""
    from recengine.policy.rules.rule import Rule
    from recengine.policy.rules.words import sentence

    return sentence(Rule.model_validate(dict(rule)))


def condition_sentences(limit: Mapping[str, Any]) -> tuple[str, ...]:
    """The conditions of a limit, each said in English."""
    from recengine.policy.rules.conditions import Condition
    from recengine.policy.rules.words import condition_words

    return tuple(condition_words(Condition.model_validate(dict(row))) for row in limit.get("conditions", ()))
