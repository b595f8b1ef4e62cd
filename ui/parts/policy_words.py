"""Parts of a policy in short words: what differs between two of them, limits, terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recengine.types.policies import PolicyDifference
from recengine.workspace.policy_drafts import condition_sentences, rule_sentence
from ui.forms import label_of
from ui.words import WT, has, numbers, one_line

LONGEST = 48


def difference_words(row: PolicyDifference) -> str:
    """`Diversity 0.2 to 0.3`, `Rule “Tea first” added`; plain text."""
    if row.part == "rule":
        name = rule_name(row.after or row.before)
        return WT(f"policy.rule.{_happened(row)}", name=name)
    if row.part == "limit":
        key = _happened(row)
        return WT(f"policy.limit.{key}", limit=limit_words(row.after or row.before))
    return WT("policy.changed", name=part_name(row), before=value_words(row.name, row.before), after=value_words(row.name, row.after))


def part_name(row: PolicyDifference) -> str:
    """Name of a setting, control or part of a policy."""
    return field_name(row.name)


def field_name(name: str) -> str:
    """Name of a setting or control as forms show it."""
    return WT(f"policy.field.{name}") if has(f"policy.field.{name}") else one_line(label_of(name))


def value_words(name: str, value: Any) -> str:
    """A value of a setting: two digits, on and off, names of rerankers."""
    if value is None:
        return WT("policy.none")
    if isinstance(value, bool):
        return WT("policy.on" if value else "policy.off")
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.2f}".rstrip("0") if value >= 0.01 else f"{value:g}"
    if isinstance(value, int | float):
        return numbers.count(int(value))
    if name == "reranker" and has(f"policy.reranker.{value}"):
        return WT(f"policy.reranker.{value}")
    if isinstance(value, list | tuple | dict):
        return WT("policy.values", n=len(value))
    return one_line(value)


def rule_name(rule: Mapping[str, Any]) -> str:
    """Name of a rule; its sentence where it has none, cut to a line."""
    text = one_line(rule.get("name") or rule_sentence(rule).rstrip("."))
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def limit_words(limit: Mapping[str, Any]) -> str:
    """`At most 2 of each category in the first 10`."""
    what, kind = str(limit["what"]), str(limit["kind"])
    number = limit.get("number")
    amount = numbers.share(limit["share"], 0) if number is None else numbers.count(int(number))
    key = f"policy.limit.what.{what}"
    condition = " and ".join(condition_sentences(limit))
    said = WT(key, days=limit.get("new_days", 30), condition=condition) if has(key) else one_line(label_of(what))
    text = WT(f"policy.limit.{kind}", amount=amount, what=said)
    return WT("policy.limit.within", text=text, n=limit["within"]) if limit.get("within") else text


def _happened(row: PolicyDifference) -> str:
    return "added" if row.before is None else "removed" if row.after is None else "changed"
