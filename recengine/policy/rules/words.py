"""A rule as a plain English sentence; `grammar` reads the same sentences back."""

from __future__ import annotations

from collections.abc import Sequence

from recengine.policy.rules.conditions import OWN_FIELDS, Condition
from recengine.policy.rules.rule import Rule

FIELDS = {field: field for field in OWN_FIELDS} | {"first_sold": "first sale"}
SCENES = {"home": "on the home page", "product": "on product pages", "cart": "in the cart", "email": "in e-mails"}
NUMBERS = {"below": "is below {0}", "above": "is above {0}", "at_least": "is at least {0}", "at_most": "is at most {0}"}
DATES = {
    "since": "is on or after {0}",
    "before": "is before {0}",
    "newer_than": "is within the last {0} days",
    "older_than": "is more than {0} days ago",
}


def sentence(rule: Rule) -> str:
    """What the rule does, to which items, where, for whom and when."""
    items = "items " + f" {'or' if rule.match == 'any' else 'and'} ".join(condition_words(row) for row in rule.conditions)
    acts = {
        "pin": f"Pin to place {rule.position} {items}",
        "boost": f"Boost by {rule.strength} % {items}",
        "bury": f"Bury by {rule.strength} % {items}",
        "block": f"Never show {items}",
        "include": f"Show only {items}",
        "exclude": f"Leave out {items}",
    }
    parts = [acts[rule.action]]
    if rule.scenes:
        parts.append(" and ".join(SCENES[scene] for scene in rule.scenes))
    if rule.segments:
        parts.append("for shoppers of " + " or ".join(quoted(name) for name in rule.segments))
    if rule.start:
        parts.append(f"from {rule.start.isoformat()}")
    if rule.end:
        parts.append(f"until {rule.end.isoformat()}")
    text = " ".join(parts)
    if rule.priority:
        text += f", priority {rule.priority}"
    return text + ("." if rule.enabled else " (switched off).")


def condition_words(condition: Condition) -> str:
    """One condition, such as: whose price is below 20."""
    field = FIELDS.get(condition.field) or f"field {quoted(condition.field)}"
    return f"whose {field} {_said(condition)}"


def _said(condition: Condition) -> str:
    op, values = condition.op, condition.values
    if op in ("is", "is_not"):
        return _listed("is" if op == "is" else "is not", "is one of" if op == "is" else "is none of", values)
    if op in ("contains", "lacks"):
        return _listed(op, "contains one of" if op == "contains" else "contains none of", values)
    if op == "between":
        return f"is between {number(condition.number)} and {number(condition.number_to)}"
    if op in NUMBERS:
        return NUMBERS[op].format(number(condition.number))
    if op in DATES:
        return DATES[op].format(condition.day.isoformat() if condition.day else number(condition.number))
    return f"is {op}"


def _listed(one: str, several: str, values: Sequence[str]) -> str:
    return f"{one if len(values) == 1 else several} {', '.join(quoted(value) for value in values)}"


def quoted(text: str) -> str:
    """The text between “ and ”; a ” inside is doubled."""
    return "“" + text.replace("”", "””") + "”"


def number(value: float | None) -> str:
    """The shortest text that reads back as the same number."""
    text = repr(float(value or 0.0))
    return text[:-2] if text.endswith(".0") else text
