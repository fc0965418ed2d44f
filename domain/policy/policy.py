"""Policies from above the change: what a run may do and must prove, whatever the pushed definition says.

Several policies may hold for one push. Their rules join: each value is the strictest of all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, reduce
from typing import TypeVar

from domain.core import globs
from domain.scans.least_gate import LeastGate
from domain.triggers.events import EventKind

Patterns = tuple[str, ...]
Level = TypeVar("Level", bound=StrEnum)
Lists = frozenset[Patterns]
"""Lists of patterns. Each must let a text in; no list lets everything in, and an empty list nothing."""


class Isolation(StrEnum):
    """What keeps a job's processes apart from the machine, from the weakest to the strongest."""

    PROCESS = "process"
    LANDLOCK = "landlock"
    SANDBOX = "sandbox"


class Network(StrEnum):
    """What a job reaches, from the weakest to the strongest rule."""

    OPEN = "open"
    PROXY = "proxy"
    """The hosts of a list, through a proxy."""
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Push:
    """What of an event decides which policies hold."""

    repository: str
    """As `repository_name` writes it."""
    pipeline: str
    event: EventKind
    branch: str = ""
    """Of a pull request: the branch that it wants to change."""
    tag: str = ""
    elsewhere: bool = False
    """The commit comes from another repository: a pull request of a fork."""

    @property
    def ref(self) -> str:
        """`heads/BRANCH` or `tags/TAG`; empty: neither is known."""
        return f"tags/{self.tag}" if self.tag else f"heads/{self.branch}" if self.branch else ""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """For which pushes a policy holds. An empty list holds for all."""

    repositories: Patterns = ()
    pipelines: Patterns = ()
    branches: Patterns = ()
    """A tag, and a run without a branch, is held as well: a tag can lie on any branch."""
    events: frozenset[EventKind] = frozenset()

    def holds(self, push: Push) -> bool:
        """Whether the policy holds for a push."""
        return (
            (not self.repositories or globs.matches(push.repository, self.repositories))
            and (not self.pipelines or globs.matches(push.pipeline, self.pipelines))
            and (not self.branches or not push.branch or bool(push.tag) or globs.matches(push.branch, self.branches))
            and (not self.events or push.event in self.events)
        )


@dataclass(frozen=True, kw_only=True)
class SecretGrant:
    """Secrets that a run may have."""

    names: Patterns
    environments: Patterns = ()
    """Of the job; empty: any, and none."""
    events: frozenset[EventKind] = frozenset({EventKind.PUSH, EventKind.SCHEDULE, EventKind.MANUAL})
    approved: bool = False
    """Only in a job that waits for an approval."""

    def covers(self, name: str, push: Push, environment: str, *, approved: bool) -> bool:
        """Whether it grants this secret to a job of this environment."""
        return not self.objection(name, push, environment, approved=approved)

    def objection(self, name: str, push: Push, environment: str, *, approved: bool) -> str:
        """Why it does not grant this secret; empty: it does."""
        if not globs.matches(name, self.names):
            return f"{' or '.join(self.names)} is not {name}"
        if push.event not in self.events:
            return f"not on {push.event}, only on {' or '.join(sorted(self.events))}"
        if self.environments and not globs.matches(environment, self.environments):
            return f"only for environment {' or '.join(self.environments)}, not for {environment or 'none'}"
        if self.approved and not approved:
            return "only after the approval of the job's environment (approved: true)"
        return ""


@dataclass(frozen=True, kw_only=True)
class SuppressionRule:
    """Whose suppressions count."""

    groups: frozenset[frozenset[str]] = frozenset()
    """The approver is a registered identity, and of each of these sets in one group at least."""
    unsigned: bool = False
    """Whether an entry counts without its approver's signature, if it stood in the commit before the push."""

    def joined(self, other: SuppressionRule) -> SuppressionRule:
        """The stricter of each value."""
        return SuppressionRule(groups=self.groups | other.groups, unsigned=self.unsigned and other.unsigned)

    def may(self, groups: Iterable[str]) -> bool:
        """Whether an identity with these groups may suppress."""
        return all(allowed & set(groups) for allowed in self.groups)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What policies say. `Rules()` says nothing, and is the neutral element of `joined`."""

    repositories: Lists = frozenset()
    """Where a run may come from."""
    refs: Lists = frozenset()
    """As `Push.ref`."""
    executors: frozenset[str] | None = None
    """None: every one."""
    isolation: Isolation = Isolation.PROCESS
    """The least level of jobs of the executor `process`."""
    network: Network = Network.OPEN
    hosts: frozenset[str] | None = None
    """What a proxy lets through; None: nothing is said about it."""
    secrets: frozenset[frozenset[SecretGrant]] = frozenset()
    """Each set must grant a secret; no set: what is said of the secret itself decides."""
    gate: LeastGate | None = None
    suppressions: SuppressionRule | None = None
    uses: Lists = frozenset()
    """Other repositories whose files a definition may use."""

    def joined(self, other: Rules) -> Rules:
        """The strictest of both: associative, commutative, idempotent."""
        return Rules(
            repositories=self.repositories | other.repositories,
            refs=self.refs | other.refs,
            executors=_both(self.executors, other.executors),
            isolation=_stricter(Isolation, self.isolation, other.isolation),
            network=_stricter(Network, self.network, other.network),
            hosts=_both(self.hosts, other.hosts),
            secrets=self.secrets | other.secrets,
            gate=self.gate.joined(other.gate) if self.gate and other.gate else self.gate or other.gate,
            suppressions=self.suppressions.joined(other.suppressions)
            if self.suppressions and other.suppressions
            else self.suppressions or other.suppressions,
            uses=self.uses | other.uses,
        )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return other if one is None else one if other is None else one & other


def _stricter(levels: type[Level], one: Level, other: Level) -> Level:
    return max(one, other, key=list(levels).index)


def lets_in(lists: Lists, text: str) -> bool:
    """Whether every list lets a text in."""
    return all(globs.matches(text, patterns) for patterns in lists)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A registered policy."""

    name: str
    digest: str
    """SHA-256 of its registered document."""
    scope: Scope = Scope()
    rules: Rules = Rules()


@dataclass(frozen=True)
class PolicyFor:
    """What holds for one push, and by which policies."""

    push: Push
    policies: tuple[Policy, ...] = field(default=())
    """Those that match, by name."""

    @cached_property
    def rules(self) -> Rules:
        """The strictest of all that match."""
        return reduce(Rules.joined, (one.rules for one in self.policies), Rules())

    @property
    def gate(self) -> LeastGate:
        """The least gate: of the policies, otherwise the built-in one."""
        return self.rules.gate or LeastGate()

    @property
    def suppressions(self) -> SuppressionRule:
        """Whose suppressions count: by default those that a registered identity has signed."""
        return self.rules.suppressions or SuppressionRule()

    @property
    def named(self) -> tuple[str, ...]:
        """The policies as `NAME@DIGEST`, for verdicts and refusals."""
        return tuple(f"{one.name}@{one.digest[:12]}" for one in self.policies)

    def secret(self, name: str, environment: str = "", *, approved: bool = False) -> str:
        """Why a job may not have a secret; empty: no policy stands against it, and what is said of the secret decides.

        A pull request from another repository has none.
        """
        if self.push.elsewhere:
            return "a pull request from another repository has no secrets"
        for grants in self.rules.secrets:
            said = [one.objection(name, self.push, environment, approved=approved) for one in grants]
            if all(said):
                why = "; ".join(sorted({*said})) or "it grants none"
                return f"the policy {self.saying('secrets')} does not grant it: {why}"
        return ""

    def grant(self, name: str, environment: str = "", *, approved: bool = False) -> str:
        """Of a secret that `secret` says nothing against: which policies grant it, and on what condition."""
        if not self.rules.secrets:
            return "no policy says anything of secrets"
        fitting = [
            one
            for grants in self.rules.secrets
            for one in grants
            if one.covers(name, self.push, environment, approved=approved)
        ]
        after = ", after the approval of the job's environment" if any(one.approved for one in fitting) else ""
        return f"the policy {self.saying('secrets')} grants it{after}"

    def saying(self, field_: str) -> str:
        """Names of the policies that say something about a field of `Rules`; empty: none."""
        silent = getattr(Rules(), field_)
        return ", ".join(one.name for one in self.policies if getattr(one.rules, field_) != silent)


def policy_for(push: Push, policies: Iterable[Policy]) -> PolicyFor:
    """The policies that hold for a push, in the order of their names."""
    matching = (one for one in policies if one.scope.holds(push))
    return PolicyFor(push, tuple(sorted(matching, key=lambda one: one.name)))
