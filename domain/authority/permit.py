"""A permit: the signer's word that exactly this may be done, and whether it fits what is about to be done.

An activity checks its permit just before its effect. The result of a workflow is no permit.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from enum import StrEnum

from domain.core.canonical import text_to_sign
from domain.core.documents import Manifest, Object

LIFE_S = 3_600
"""How long a permit lasts. An effect asks for a new one each time: this only bounds what a stolen one is good for."""


class Effect(StrEnum):
    """What needs a permit."""

    DEPLOY = "deploy"
    """An action of a release on its target: the subject is `ENVIRONMENT/SERVICE/INSTANCE`."""
    EXEC = "exec"
    """The steps of a job: the subject is the job's id."""
    SECRET = "secret"
    """The value of a secret for a job: the subject is its reference."""
    CLUSTER = "cluster"
    """A change of a cluster: the subject is its name."""
    PUBLISH = "publish"
    """An image that leaves the machine: the subject is its name with the tag."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is about to be done, and on behalf of whom."""

    effect: Effect
    subject: str
    """What it is done to; see `Effect`."""
    what: Object
    """Everything that decides what happens, as JSON."""
    run: str = ""
    """Workflow id of the run; empty: by hand, or from before the engine knew it."""
    job: str = ""
    attempt: int = 1
    action: str = ""
    """The step of a strategy, the phase of a cluster; empty: the effect has one only."""
    share: int = 0
    """The share of the traffic that a version gets, in hundredths of a percent."""
    origin: str = ""
    """The instance that ran this very deployment before, for a rollback by hand."""
    whole: int = 0
    """The number of the release over many clusters that this is a part of; 0: of none."""

    @property
    def digest(self) -> str:
        """The SHA-256 of `what`."""
        return digest_of(self.what)


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What the signer has verified, and what it therefore permits."""

    effect: Effect
    subject: str
    digest: str
    """SHA-256 of exactly what may be done."""
    run: str = ""
    job: str = ""
    attempt: int = 1
    action: str = ""
    share: int = 0
    plan: str = ""
    """Digest of the run's plan."""
    commit: str = ""
    starter: str = ""
    environment: str = ""
    rule: str = ""
    """Digest of the environment's registered rule."""
    approvers: tuple[str, ...] = ()
    """Whose signed decisions were verified."""
    gates: tuple[str, ...] = ()
    """Gate jobs whose signed verdicts were found."""
    artifacts: tuple[str, ...] = ()
    basis: str = ""
    """Why it is permitted: `plan`, `remembered`, `upgrade` or `administrator`."""
    made_at: int = 0
    """Seconds since the epoch."""
    expires_at: int = 0
    entry: int = 0
    """The number of the line in the signer's log."""
    person: str = ""
    """`person:NAME` of whoever ordered it through a server; empty: by hand, or no order. What is empty is not signed:
    such permits are what they were before there were others.
    """
    groups: tuple[str, ...] = ()
    """Theirs, as they are now."""


@dataclass(frozen=True)
class Right:
    """By which right an effect is permitted: for the audit, and not signed."""

    initiator: str = "owner:owner"
    """Id of the principal whose rights were asked."""
    rule: str = "owner/home"
    policy_digest: str = ""


@dataclass(frozen=True)
class SignedPermit:
    """A permit with its ed25519 signature (RFC 8032), in Base64, over `permit_text`."""

    permit: Permit
    signature: str
    right: Right = Right()


def digest_of(what: Object) -> str:
    """The SHA-256 of a JSON object, whatever the order of its keys."""
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def permit_text(permit: Permit) -> bytes:
    """The bytes that the signature of a permit covers."""
    return text_to_sign("permit/v1", plain(permit))


def plain(permit: Permit) -> Manifest:
    """The permit as JSON."""
    found: Manifest = {name: getattr(permit, name) for name in _FIELDS}
    return {name: value for name, value in found.items() if value or name not in _ADDED}


_FIELDS = tuple(one.name for one in fields(Permit))
_ADDED = ("person", "groups")


def fits(permit: Permit, claim: Claim, now: float) -> str:
    """Why a permit does not cover what is about to be done; empty: it does. `now`: seconds since the epoch."""
    asked: dict[str, tuple[str | int, str | int]] = {
        "effect": (permit.effect, claim.effect),
        "subject": (permit.subject, claim.subject),
        "run": (permit.run, claim.run),
        "job": (permit.job, claim.job),
        "attempt": (permit.attempt, claim.attempt),
        "action": (permit.action, claim.action),
        "content": (permit.digest, claim.digest),
    }
    for name, (given, wanted) in asked.items():
        if given != wanted:
            return f"the permit is for another {name}"
    if claim.share > permit.share:
        return f"the permit is for {permit.share / 100:g} % of the traffic, not for {claim.share / 100:g} %"
    if not permit.made_at - LIFE_S <= now < permit.expires_at:
        return "the permit has expired"
    return ""
