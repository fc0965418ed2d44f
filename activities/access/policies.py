"""Registered policies, and what holds for a push."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from activities.access.definition_store import DefinitionReader
from domain.authority.permit import digest_of
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.policy.policy import (
    Isolation,
    Lists,
    Network,
    Policy,
    PolicyFor,
    Push,
    Rules,
    Scope,
    SecretGrant,
    SuppressionRule,
    policy_for,
)
from domain.scans.findings.model import Severity
from domain.scans.least_gate import KINDS, WHOLE, LeastGate
from domain.scans.spec import Always
from domain.triggers.events import EventKind

KIND = "Policy"


@dataclass(frozen=True)
class PolicyStore:
    """Reads what `sluiceway apply` has registered. Nothing is kept: a policy holds from the moment it is registered."""

    definitions: DefinitionReader

    def all(self) -> list[Policy]:
        """Every policy, by name.

        Raises:
            SluicewayError: SLW058, a registered policy cannot be read: nothing runs without knowing what it says.
        """
        return [_read(name, body) for name, body in sorted(self.definitions.every(KIND).items())]

    def of(self, push: Push) -> PolicyFor:
        """What holds for a push. Raises like `all`."""
        return policy_for(push, self.all())


def _read(name: str, body: Object) -> Policy:
    try:
        return policy_of(name, body)
    except (ValueError, KeyError, TypeError) as wrong:
        fix = "register it again: sluiceway apply FILE"
        raise SluicewayError("SLW058", f"the registered policy {name} cannot be read: {wrong}", fix=fix) from wrong


def policy_of(name: str, body: Object) -> Policy:
    """A registered document as a policy.

    Raises:
        ValueError: it is no document that `sluiceway apply` has registered.
    """
    found = Node(body)
    scope = found.need("scope")
    return Policy(
        name=name,
        digest=digest_of(body),
        scope=Scope(
            repositories=_texts(scope.need("repositories")),
            pipelines=_texts(scope.need("pipelines")),
            branches=_texts(scope.need("branches")),
            events=_events(scope.need("events")),
        ),
        rules=_rules(found),
    )


def _rules(found: Node) -> Rules:
    allow, jobs = found.need("allow"), found.need("jobs")
    return Rules(
        repositories=_lists(allow["repositories"]),
        refs=_refs(allow["branches"], allow["tags"]),
        executors=_set(allow["executors"]),
        isolation=Isolation(jobs.need_text("isolation")),
        network=Network(jobs.need_text("network")),
        hosts=_set(jobs["hosts"]),
        secrets=frozenset({frozenset(map(_grant, found["secrets"]))}) if _told(found["secrets"]) else frozenset(),
        gate=_gate(found["gate"]) if _told(found["gate"]) else None,
        suppressions=_suppressions(found["suppressions"]) if _told(found["suppressions"]) else None,
        uses=_lists(allow["uses"]),
    )


def _told(node: Node) -> bool:
    return node.value is not None


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(one.need_text() for one in node.need_list())


def _set(node: Node) -> frozenset[str] | None:
    return frozenset(_texts(node)) if _told(node) else None


def _events(node: Node) -> frozenset[EventKind]:
    return frozenset(map(EventKind, _texts(node)))


def _lists(node: Node) -> Lists:
    return frozenset({_texts(node)}) if _told(node) else frozenset()


def _refs(branches: Node, tags: Node) -> Lists:
    if not _told(branches) and not _told(tags):
        return frozenset()
    named = [*_below("heads", _texts(branches) if _told(branches) else ())]
    return frozenset({(*named, *_below("tags", _texts(tags) if _told(tags) else ()))})


def _below(folder: str, patterns: Iterable[str]) -> list[str]:
    """Patterns that all take back mean everything but that: this is said here, since others may follow."""
    made = [f"!{folder}/{one.removeprefix('!')}" if one.startswith("!") else f"{folder}/{one}" for one in patterns]
    return [f"{folder}/**", *made] if made and all(one.startswith("!") for one in made) else made


def _grant(node: Node) -> SecretGrant:
    return SecretGrant(
        names=_texts(node.need("names")),
        environments=_texts(node.need("environments")),
        events=_events(node.need("events")),
        approved=node.need("approved").value is True,
    )


def _gate(node: Node) -> LeastGate:
    return LeastGate(
        fail_on=Severity(node.need_text("fail_on")),
        kinds=frozenset(_texts(node.need("kinds"))) or KINDS,
        unknown_as=Severity(node.need_text("unknown_as")),
        tools=frozenset(_texts(node.need("tools"))),
        exclude=frozenset(_texts(node.need("exclude"))),
        paths=frozenset({WHOLE, *_texts(node.need("paths"))}),
        new_only=node.need("new_only").value is True,
        always=_always(node["always"]),
        classes=frozenset(_texts(node.need("classes"))) if _told(node["classes"]) else LeastGate().classes,
        skipped_block=node.need_text("skipped") == "block",
        max_db_age_s=node.need_number("max_db_age"),
        required=node.need("required").value is True,
    )


def _always(node: Node) -> Always:
    """Policies that were registered before this key have none."""
    if not _told(node):
        return Always()
    kinds, rules, classes, severities = (
        tuple(sorted(_texts(node.need(name)))) for name in ("kinds", "rules", "classes", "severities")
    )
    return Always(kinds=kinds, rules=rules, classes=classes, severities=severities)


def _suppressions(node: Node) -> SuppressionRule:
    groups = frozenset(_texts(node.need("groups")))
    return SuppressionRule(
        groups=frozenset({groups}) if groups else frozenset(), unsigned=node.need("unsigned").value is True
    )
