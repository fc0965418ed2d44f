"""What evaluates policies: asked about whole questions, or for the condition that rows of a list must meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.access.actions import Action
from domain.access.attributes import Attributes, Known, Objection
from domain.access.condition import Condition
from domain.access.grants import Grant
from domain.access.principal import Principal
from domain.access.resource import Resource, ResourceKind


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Whoever asks, with what is known of them."""

    principal: Principal
    rights_id: str
    """Id of the principal whose rights are used: a token's owner; else the principal itself."""
    holders: frozenset[str]
    """Ids whose grants count."""
    known: Known = field(default_factory=Known)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Everything that a decision depends on."""

    asker: Asker
    action: Action
    resource: Resource
    """With its project and its label, as the records have them."""
    attributes: Attributes
    grants: tuple[Grant, ...] = ()
    """Those of the asker that may cover the resource, and hold now."""
    objections: tuple[Objection, ...] = ()
    """Of the registered policies of pushes."""


@dataclass(frozen=True, kw_only=True)
class RowQuestion:
    """A question without a resource: about every row of a list."""

    asker: Asker
    action: Action
    kind: ResourceKind
    attributes: Attributes


@dataclass(frozen=True)
class Answer:
    """Rules that match, sorted. It is allowed when one permits, none forbids, and each could be evaluated."""

    permits: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Forbid wins, always."""
        return bool(self.permits) and not self.forbids and not self.errors


class PolicyEngine(Protocol):
    """One set of policies, ready to be asked; adapters are in activities/access/policy_engines."""

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of all its policies."""
        ...

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """In order. Never raises for what a question holds: what cannot be evaluated is an error of its answer."""
        ...

    def condition(self, question: RowQuestion) -> Condition:
        """Which resources it is allowed for.

        Raises:
            InexpressibleError: only `ask` can say.
        """
        ...
