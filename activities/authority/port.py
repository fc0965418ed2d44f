"""The ports of the signer, and what it is told and asked.

The signer believes no workflow: it is told what people and the repository have said, verifies that itself, and signs
a permit for one effect at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.access.checkpoint import Growth
from domain.access.keys import KeyProof
from domain.approvals.request import ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.cluster_orders import Order
from domain.authority.permit import Claim, SignedPermit
from domain.authority.registrations import RegisteredPerson, Registration
from domain.triggers.source import SourceRef


class Signer(Protocol):
    """Signs typed statements for this installation: with its own key file, or a key management service."""

    def sign(self, data: bytes) -> bytes:
        """A DER-encoded ECDSA signature of an attestation (DSSE) or of an image (cosign).

        Raises:
            SluicewayError: SLW880, the key cannot be used; SLW019, the data is no statement of a known type.
        """
        ...

    def public_key(self) -> bytes:
        """PEM of the SubjectPublicKeyInfo."""
        ...


@dataclass(frozen=True, kw_only=True)
class PlanStatement:
    """A definition was read at a commit for an event, and this is its plan."""

    pipeline: str
    plan: str
    """Digest of the plan's index in the store."""
    delivery: str = ""
    """The delivery's id: one delivery is one run."""
    run: str = ""
    """The run that it is for, where that is known already: a new attempt."""
    repo: str = ""
    commit: str = ""
    """The event's."""
    source: SourceRef = SourceRef()
    """Where the files of its jobs come from."""
    event: str = ""
    """Kind of the event."""
    branch: str = ""
    tag: str = ""
    people: ChangeAuthors = ChangeAuthors()
    fork: bool = False
    """A pull request of another repository, or of whom nobody knows."""


@dataclass(frozen=True, kw_only=True)
class RunStatement:
    """A run begins, by a plan that was read for it."""

    run: str
    pipeline: str
    plan: str
    commit: str = ""
    earlier: str = ""
    """The previous attempt; empty: this is the first."""


class Orders(Protocol):
    """The signer, as commands see it that people give by hand, and servers for people."""

    def order(self, said: Order, proof: KeyProof | None = None) -> None:
        """Tells what somebody wants of a cluster; no activity does. `proof`: the signature of a person's key.

        Raises:
            RefusedError: SLW019, a server orders for people alone; SLW040, it names a file of the machine; SLW049, it
                is not signed as it has to be; SLW484, the person may not.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Entering:
    """Somebody is about to run a command in a container."""

    person: str
    """Id of the principal whose rights are used."""
    cluster: str
    place: str
    """`CLUSTER/NAMESPACE/POD/CONTAINER`."""
    session: str
    command: str
    """SHA-256 of what is run."""


class Entries(Protocol):
    """The signer, as exec sessions see it."""

    def enter(self, said: Entering) -> int:
        """The number of the entry in the signer's log that permits it, by the rights of this moment.

        Raises:
            RefusedError: SLW484, the person may not; SLW019, it is no person.
            SluicewayError: SLW010, the signer does not answer.
        """
        ...


class CheckpointSigner(Protocol):
    """The signer, as the audit sees it: it signs a log only where that begins with all that it has signed before."""

    def checkpointed(self) -> str:
        """The last checkpoint, a signed note; empty: nothing is signed yet.

        Raises:
            SluicewayError: SLW010, the signer does not answer.
        """
        ...

    def checkpoint(self, asked: Growth) -> str:
        """The signed note of a log's new head.

        Raises:
            RefusedError: SLW482, the log is not the one that was signed before.
        """
        ...

    def audit_key(self) -> bytes:
        """The 32 bytes of the ed25519 key of checkpoints."""
        ...


class KeyRegistry(Protocol):
    """The signer, as logins and enrolments see it.

    Raises:
        SluicewayError: SLW010, it does not answer.
    """

    def person(self, name: str) -> RegisteredPerson | None:
        """Whom the signer knows, with their keys; None: nobody of that name."""
        ...

    def home(self) -> str:
        """The name of this installation, which is in all that people sign for it."""
        ...

    def register(self, said: Registration, proof: KeyProof | None = None) -> None:
        """Tells a statement. Without a proof it has to come by hand, at the signer's own socket.

        Raises:
            RefusedError: SLW435, the signer does not admit it, and why.
        """
        ...


class Permits(Protocol):
    """The signer, as effects see it.

    Raises:
        SluicewayError: SLW010, it does not answer.
    """

    def plan(self, said: PlanStatement) -> None:
        """Tells that a plan was read."""
        ...

    def begin(self, said: RunStatement) -> None:
        """Tells that a run begins.

        Raises:
            RefusedError: SLW011, no plan was read for it.
        """
        ...

    def end(self, run: str) -> None:
        """Tells that a run has ended: it gets no more permits."""
        ...

    def decision(self, decision: Decision) -> VerifiedIdentity:
        """Tells a signed decision of a person; one that is not theirs is forgotten. Returns what the signer knows of
        the approver, and whether it is theirs.
        """
        ...

    def rule(self, environment: str) -> EnvironmentRule:
        """The rule of an environment as the signer remembers it; that of an unknown one says that it is none."""
        ...

    def permit(self, claim: Claim) -> SignedPermit:
        """A permit that was verified and fits.

        Raises:
            RefusedError: SLW011 to SLW016, it is not to be done, and why.
        """
        ...
