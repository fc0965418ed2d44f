"""Documents that a person registers, wherever they are: rules of environments, and policies of pushes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.authority.registrations import Registration
from domain.authority.topics import Topic
from domain.core.errors import DefinitionError


@dataclass(frozen=True)
class DocumentKind:
    """What a kind of document is to the signer, and to the decision about whoever registers one."""

    topic: Topic
    action: Action
    resource: ResourceKind

    def named(self, name: str) -> Resource:
        """What is changed by a document of this name."""
        return Resource(kind=self.resource, name=name)


ENVIRONMENT, POLICY = "Environment", "Policy"
KINDS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        ENVIRONMENT: DocumentKind(Topic.ENVIRONMENT, Action.ENVIRONMENTS_APPLY, ResourceKind.ENVIRONMENT),
        POLICY: DocumentKind(Topic.POLICY, Action.ACCESS_POLICY, ResourceKind.POLICY),
    }
)
"""By `kind`. Others name paths of the machine (schedules of a working copy, clusters), or are read from commits."""


def kind_of(kind: str) -> DocumentKind:
    """Raises:
    DefinitionError: SLW477, this kind is of the engine's own machine.
    """
    found = KINDS.get(kind)
    if found is None:
        what = f"a document of kind {kind[:80]} is registered only on the engine's own machine"
        raise DefinitionError("SLW477", what, why=f"a server registers {' and '.join(KINDS)}")
    return found


def of_document(kind: str, name: str, document: str) -> Registration:
    """What the signer is told. `document`: JSON, as it remembers it; empty: a policy is gone.

    Raises:
        DefinitionError: as `kind_of`.
    """
    return Registration(topic=kind_of(kind).topic, name=name, body={"document": document})
