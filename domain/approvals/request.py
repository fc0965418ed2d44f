"""The values of an approval: request, subject, decision, outcome."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.approvals.spec import ApprovalSpec
from domain.core.canonical import canonical, text_to_sign
from domain.core.digests import digest, sha256
from domain.core.values import Json

KIND = "decision/v2"
"""What a signature of version 2 says that it is."""
NAMESPACE = "sluiceway-decision"
"""Of SSH signatures: `ssh-keygen -Y sign -n sluiceway-decision`."""


class Trust(StrEnum):
    """Which decisions an environment accepts."""

    SIGNED = "signed"
    OPEN = "open"
    """Unsigned signals count under the name they claim. For trials only."""


class Proof(StrEnum):
    """Which keys an environment's approvals accept."""

    PASSKEY = "passkey"
    """Passkeys, and keys that people keep outside of browsers."""
    ANY = "any"
    """Keys in a browser's storage too, which a script on the page could use."""


class Keys(StrEnum):
    """Whose word a key needs that signs decisions."""

    CONFIRMED = "confirmed"
    """Somebody else has confirmed that it is its person's."""
    ANY = "any"
    """A first key counts as it was registered by a one-time link."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentRule:
    """The minimum that a registered environment demands; a pipeline may ask for more, never for less."""

    name: str = ""
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    quorum: int = 0
    per_group: dict[str, int] = field(default_factory=dict)
    trust: Trust = Trust.SIGNED
    allow_author: bool = True
    allow_committer: bool = True
    allow_starter: bool = True
    max_expires_s: float = 0
    """0: the pipeline's own expiry applies."""
    registered: bool = True
    """False: nobody registered an environment of this name, so nothing is deployed to it or approved for it."""
    proof: Proof = Proof.PASSKEY
    keys: Keys = Keys.CONFIRMED
    kubernetes: str = ""
    """JSON of where its services run in Kubernetes (domain/releases/kubernetes/registered.py); empty: elsewhere."""
    applications: tuple[str, ...] = ()
    """Applications of Argo CD that its jobs may sync, as `CLUSTER/NAMESPACE/NAME`."""
    home: str = ""
    """Of the installation that says it (`domain.access.checkpoint.origin_of` its signer's key): people have one key for
    several, and what they sign for one is nothing to another. Empty: of an engine that did not say.
    """

    @property
    def keys_wanted(self) -> Keys:
        """An approval that names no environment asks nobody to confirm a key."""
        return self.keys if self.name else Keys.ANY

    def keys_asked(self, cluster: str) -> Keys:
        """The same of what is asked of a cluster, which only a confirmed key opens, whatever names the rule."""
        return self.keys if cluster else self.keys_wanted

    @property
    def digest(self) -> str:
        """SHA-256 of the rule: a decision is valid for the rule that its approver saw."""
        return digest(self)

    def is_of(self, signed: str) -> bool:
        """Whether a digest is of this rule. One without a home is in this installation's own records from before it had
        a name; the signer takes none that comes now.
        """
        return signed in (self.digest, replace(self, home="").digest)


@dataclass(frozen=True)
class ApprovalSubject:
    """Exactly what is approved. A decision is valid for this subject only."""

    workflow_id: str = ""
    nonce: str = ""
    """New for every attempt, so a decision is valid for one attempt only."""
    job: str = ""
    commit: str = ""
    digests: tuple[str, ...] = ()
    """Artifacts, sorted."""
    verdicts: tuple[str, ...] = ()
    """Gates as `job=passed`, sorted."""
    version: int = 1
    """1: of an engine that bound less; it is valid for requests opened by that engine."""
    repository: str = ""
    environment: str = ""
    rule: str = ""
    """Digest of the environment's rule (`EnvironmentRule.digest`)."""
    scope: str = ""
    """SHA-256 of the document (domain/approvals/scope.py) of all that happens after the approval."""


@dataclass(frozen=True)
class ChangeRef:
    """Where the commits of a change are."""

    repo: str = ""
    source: str = ""
    """Address of the files; that of a folder with its uncommitted changes begins with `snapshot:`."""
    commit: str = ""
    """The commit of the files."""
    head: str = ""
    """The commit that the folder was at; empty: it has none, or `commit` is in the history itself."""
    base: str = ""
    """The commit that a push began at; empty: unknown."""


@dataclass(frozen=True)
class ChangeAuthors:
    """Who made a change, for the four-eyes rule; empty: unknown."""

    author: str = ""
    """Of the last commit, as it says itself: for people to read, once `asked`."""
    committer: str = ""
    starter: str = ""
    starter_from: str = ""
    """The channel that knows the starter (`EventSource`); empty: the name is only claimed."""
    change: ChangeRef | None = None
    """None: of an engine that believed the names above."""
    asked: bool = False
    """Whether the fields below were read from the commits."""
    authors: tuple[str, ...] = ()
    """Addresses of the authors and co-authors of all commits of the change, in lower case."""
    committers: tuple[str, ...] = ()
    unknown: str = ""
    """Why the people of the change are not known, with a code; empty: they are."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody, each once."""
        return tuple(dict.fromkeys((*self.authors, *self.committers, *((self.starter,) if self.starter_from else ()))))


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's answer as it arrives. Untrusted: any field may be missing or forged."""

    approver: str = ""
    approve: bool = False
    comment: str = ""
    binding: ApprovalSubject = ApprovalSubject()
    expires_at: float = 0
    """When the signature expires, in seconds since the epoch."""
    signature: str = ""
    """Base64 of a signature over `signed_text`, of an SSH signature (SSHSIG) with the namespace of decisions, or of an
    authenticator's signature.
    """
    request_id: str = ""
    proof_kind: str = ""
    """`passkey` or `browser`; empty: a key of a file. What counts is the kind that the key is registered as."""
    authenticator_data: str = ""
    """Of a passkey: Base64 of what its authenticator says (WebAuthn, section 6.1)."""
    client_data: str = ""
    """Of a passkey: Base64 of the JSON with the challenge, which is the SHA-256 of `signed_text`."""


@dataclass(frozen=True)
class VerifiedIdentity:
    """What the identity registry knows about a decision's approver; looked up on arrival, stored with the decision."""

    known: bool = False
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    signature_valid: bool = False
    addresses: tuple[str, ...] = ()
    """That the approver owns, in lower case."""
    unowned: tuple[str, ...] = ()
    """Those of the change that nobody owns."""
    key_kind: str = ""
    """Of the key that has signed (domain/access/keys.py); empty: of a file, or none."""
    confirmed: bool = True
    """Whether that key is confirmed; without a signature: whether the approver has any that is."""


class DecisionReason(StrEnum):
    """The rule that counted or refused a decision."""

    COUNTED = "counted"
    CLOSED = "the approval is already decided"
    EXPIRED = "the approval has expired"
    MALFORMED = "the decision names no approver"
    UNSIGNED = "unsigned decisions are ignored here; use `sluiceway approve`"
    UNKNOWN = "no such identity is registered"
    FORGED = "the signature does not fit the decision"
    STALE = "the signature's own time has run out"
    OTHER = "the decision is for another run, job, attempt or content"
    RULE = "the environment's rule changed after this was signed; look at the request again"
    BROWSER_KEY = "the environment does not accept keys that are stored in a browser"
    UNCONFIRMED = (
        "your key is not confirmed yet: ask another administrator, or on the host `sluiceway people confirm NAME`"
    )
    NOT_ALLOWED = "the approver is none of those who may decide"
    AUTHOR = "the author of the change may not decide"
    COMMITTER = "the committer of the change may not decide"
    STARTER = "who started the run may not decide"
    UNOWNED = "SLW064: nobody registered owns an address of those who made the change"
    UNTOLD = "SLW065: it is not known who made the change"
    REPEATED = "this approver has already decided"
    CROWDED = "too many signals waited to be looked at; send it again with `sluiceway approve`"
    REMOVED = "the approver's identity was removed after the decision"
    ROTATED = "the approver's key was replaced after the decision"


class Outcome(StrEnum):
    """The state of an approval; every value but PENDING is final."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True)
class DecisionRecord:
    """A decision, its arrival time (seconds since the epoch), and the rule by which it counts or not."""

    decision: Decision
    at: float
    rule: DecisionReason
    source: str
    """`signal` or `update`."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """A pending approval."""

    spec: ApprovalSpec
    binding: ApprovalSubject
    people: ChangeAuthors
    opened_at: float
    trust: Trust = Trust.SIGNED
    must_users: tuple[str, ...] = ()
    must_groups: tuple[str, ...] = ()
    """The environment's list: anyone not on it may not decide, whatever the pipeline says; empty: no limit."""
    proof: Proof = Proof.PASSKEY
    keys: Keys = Keys.CONFIRMED

    @property
    def expires_at(self) -> float:
        """In seconds since the epoch."""
        return self.opened_at + self.spec.expires_s


def signed_text(decision: Decision) -> bytes:
    """The canonical JSON that the signature covers: everything but the signature and the request id.

    Raises:
        ValueError: no such text exists: a time with fractions, or a text that is no Unicode.
    """
    return _text_2(decision) if decision.binding.version != 1 else _text_1(decision)


def fingerprint(subject: ApprovalSubject) -> str:
    """SHA-256 of the subject's canonical text, in hexadecimal: pages and the command line show the same one."""
    return sha256(canonical(_subject(subject)))


def _text_2(decision: Decision) -> bytes:
    """RFC 8785 behind `sluiceway/decision/v2` and a zero byte; `expires_at` in whole seconds."""
    if not float(decision.expires_at).is_integer():
        raise ValueError(f"{decision.expires_at!r} is no whole number of seconds")
    return text_to_sign(
        KIND,
        {
            "approve": decision.approve,
            "approver": decision.approver,
            "comment": decision.comment,
            "expires_at": int(decision.expires_at),
            "subject": _subject(decision.binding),
        },
    )


def _subject(b: ApprovalSubject) -> dict[str, Json]:
    return {
        "commit": b.commit,
        "digests": sorted(b.digests),
        "environment": b.environment,
        "job": b.job,
        "nonce": b.nonce,
        "repository": b.repository,
        "rule": b.rule,
        "scope": b.scope,
        "verdicts": sorted(b.verdicts),
        "version": b.version,
        "workflow_id": b.workflow_id,
    }


def _text_1(decision: Decision) -> bytes:
    """As engines before version 2 signed it."""
    b = decision.binding
    return json.dumps(
        {
            "approve": decision.approve,
            "approver": decision.approver,
            "comment": decision.comment,
            "commit": b.commit,
            "digests": sorted(b.digests),
            "expires_at": decision.expires_at,
            "job": b.job,
            "nonce": b.nonce,
            "verdicts": sorted(b.verdicts),
            "workflow_id": b.workflow_id,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
