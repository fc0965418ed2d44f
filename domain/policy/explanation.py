"""What holds for a push and why: each value with the policies that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.policy.policy import Lists, PolicyFor
from domain.scans.least_gate import KINDS

DEFAULT = "default"


@dataclass(frozen=True)
class Held:
    """One value that holds, for people."""

    rule: str
    value: str
    source: str
    """Names of policies, or `default`."""


def explanation(held: PolicyFor) -> Iterator[Held]:
    """Every rule with its value, in the order of the reference."""
    rules = held.rules
    values = {
        "repositories": ("repositories that may start runs", _lists(rules.repositories)),
        "refs": ("branches and tags that may start runs", _lists(rules.refs)),
        "executors": ("executors", "any" if rules.executors is None else _words(rules.executors)),
        "uses": ("files of other repositories", _lists(rules.uses)),
        "isolation": ("least isolation", str(rules.isolation)),
        "network": ("network of jobs", str(rules.network)),
        "hosts": (
            "hosts through the proxy",
            "those of the installation" if rules.hosts is None else _words(rules.hosts),
        ),
        "secrets": ("secrets", _secrets(held)),
    }
    for field, (words, value) in values.items():
        yield Held(words, value, held.saying(field) or DEFAULT)
    yield from _gate(held)
    who = held.suppressions
    groups = " and ".join(f"one of {_words(one)}" for one in sorted(who.groups, key=sorted)) or "any identity"
    how = "signed, or in the commit before the push" if who.unsigned else "signed"
    yield Held("suppressions", f"by {groups}, {how}", held.saying("suppressions") or DEFAULT)


def _gate(held: PolicyFor) -> Iterator[Held]:
    gate, source = held.gate, held.saying("gate")
    what = "closes each gate" if source else "asked of images where an environment wants a passed gate"
    yield Held("least gate", what, source or DEFAULT)
    shown = {
        "fail-on": str(gate.fail_on),
        "kinds": "all" if gate.kinds == KINDS else _words(gate.kinds),
        "unknown-as": str(gate.unknown_as),
        "tools that must have run": _words(gate.tools),
        "exclude that is allowed": _words(gate.exclude),
        "paths that are allowed": _words(gate.paths),
        "new-only": "allowed" if gate.new_only else "not allowed",
        "no baseline excuses": _words(
            frozenset(("secret", *(word for words in vars(gate.always).values() for word in words)))
        ),
        "classes in which weak code counts": _words(gate.classes),
        "skipped": "block" if gate.skipped_block else "allow",
        "max-db-age": f"{gate.max_db_age_s:g} s" if gate.max_db_age_s else "any",
        "required before a deployment": "yes" if gate.required else "no",
    }
    for words, value in shown.items():
        yield Held(f"least gate: {words}", value, source or DEFAULT)


def _secrets(held: PolicyFor) -> str:
    if held.push.elsewhere:
        return "none: a pull request from another repository has none"
    if not held.rules.secrets:
        return "what is said of each secret decides"
    sets = (sorted(", ".join(one.names) for one in grants) for grants in held.rules.secrets)
    return " and of these ".join("; ".join(names) or "none" for names in sorted(sets))


def _lists(lists: Lists) -> str:
    return " and of these ".join(", ".join(one) or "none" for one in sorted(lists)) or "any"


def _words(words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or "none"
